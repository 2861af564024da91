import { throwIfInterrupted } from "../core/interrupted.js";
import { streamEmbeddings } from "../embeddings/file/read-embeddings.js";
import type { LoadedHead } from "../heads/head-onnx.js";
import { type Matrix, rowOf } from "../linalg/matrix.js";
import { headAnswers } from "./head-answers.js";
import { checkFingerprint, nameOf } from "./load-head.js";
import { predictionWriter } from "./prediction-writer.js";
import type { Prediction, PredictOptions, PredictResult } from "./types.js";

/**
 * Predicts every row of an embeddings file, a batch in memory at a time.
 * @param stdin - what the path `-` reads.
 * @throws {HeadstartError} `fingerprint` if the embeddings come from another backbone; `interrupted`.
 */
export async function predictFile(
  options: PredictOptions,
  head: LoadedHead,
  path: string,
  stdin?: NodeJS.ReadableStream,
): Promise<Pick<PredictResult, "rows" | "abstained" | "classes" | "withoutLabel">> {
  const writer =
    options.out === undefined
      ? null
      : await predictionWriter(options.out, options.scores ? head.classes : null);
  const counts = new Map(head.classes.map((name) => [name, 0]));
  let rows = 0;
  let abstained = 0;
  let withoutLabel = 0;
  try {
    for await (const batch of streamEmbeddings(path, { kept: [], ...(stdin && { stdin }) })) {
      throwIfInterrupted(options.signal);
      if (rows === 0) {
        const { fingerprint, backbone } = batch.meta;
        const found = { path, fingerprint, backbone: backbone.id };
        checkFingerprint(nameOf(options.head, head), found, [head.meta.backbone, backbone]);
      }
      const predictions = await predictBatch(head, batch.ids, batch.X, options);
      for (const one of predictions) {
        if (one.prediction === null) abstained++;
        else for (const label of one.labels ?? [one.prediction]) counts.set(label, counts.get(label)! + 1);
        if (one.prediction !== null && one.labels?.length === 0) withoutLabel++;
        options.onRow?.(one);
      }
      await writer?.write(predictions);
      rows += predictions.length;
      options.onProgress?.({ stage: "predict", done: rows, unit: "rows" });
    }
    await writer?.finish();
  } catch (error) {
    await writer?.discard();
    throw error;
  }
  return {
    rows,
    abstained,
    classes: [...counts].map(([name, count]) => ({ name, rows: count })),
    ...(head.meta.multiLabel && { withoutLabel }),
  };
}

async function predictBatch(
  head: LoadedHead,
  ids: readonly string[],
  X: Matrix<Float32Array>,
  { scores: withScores = false, abstainBelow = 0 }: PredictOptions,
): Promise<Prediction[]> {
  const outputs = await head.run(X);
  return headAnswers(head, outputs, abstainBelow).map((answer, i) => ({
    id: ids[i]!,
    ...answer,
    ...(withScores && {
      scores: Object.fromEntries(head.classes.map((name, k) => [name, rowOf(outputs.scores, i)[k]!])),
    }),
  }));
}
