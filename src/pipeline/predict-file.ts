import { throwIfInterrupted } from "../core/interrupted.js";
import { streamEmbeddings } from "../embeddings/read-embeddings.js";
import type { LoadedHead } from "../heads/head-onnx.js";
import { type Matrix, rowOf } from "../linalg/matrix.js";
import { checkFingerprint, nameOf } from "./load-head.js";
import { predictionWriter } from "./prediction-writer.js";
import type { Prediction, PredictOptions } from "./types.js";

/**
 * Predicts every row of an embeddings file, a batch in memory at a time.
 * @throws {HeadstartError} `fingerprint` if the embeddings come from another backbone; `interrupted`.
 */
export async function predictFile(
  options: PredictOptions,
  head: LoadedHead,
  path: string,
): Promise<{ rows: number; abstained: number; classes: { name: string; rows: number }[] }> {
  const writer =
    options.out === undefined
      ? null
      : await predictionWriter(options.out, options.scores ? head.classes : null);
  const counts = new Map(head.classes.map((name) => [name, 0]));
  let rows = 0;
  let abstained = 0;
  try {
    for await (const batch of streamEmbeddings(path, { kept: [] })) {
      throwIfInterrupted(options.signal);
      if (rows === 0) {
        const { fingerprint, backbone } = batch.meta;
        const found = { path, fingerprint, backbone: backbone.id };
        checkFingerprint(nameOf(options.head, head), found, [head.meta.backbone, backbone]);
      }
      const predictions = await predictBatch(head, batch.ids, batch.X, options);
      for (const one of predictions) {
        if (one.prediction === null) abstained++;
        else counts.set(one.prediction, counts.get(one.prediction)! + 1);
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
  return { rows, abstained, classes: [...counts].map(([name, count]) => ({ name, rows: count })) };
}

async function predictBatch(
  head: LoadedHead,
  ids: readonly string[],
  X: Matrix<Float32Array>,
  { scores: withScores = false, abstainBelow = 0 }: PredictOptions,
): Promise<Prediction[]> {
  const { labels, scores, probabilities } = await head.run(X);
  return ids.map((id, i) => {
    const label = labels[i]!;
    const confidence = probabilities === null ? null : rowOf(probabilities, i)[head.classes.indexOf(label)]!;
    return {
      id,
      prediction: (confidence ?? 1) < abstainBelow ? null : label,
      confidence,
      ...(withScores && {
        scores: Object.fromEntries(head.classes.map((name, k) => [name, rowOf(scores, i)[k]!])),
      }),
    };
  });
}
