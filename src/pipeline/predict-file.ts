import { throwIfInterrupted } from "../core/interrupted.js";
import { streamEmbeddings } from "../embeddings/read-embeddings.js";
import type { LoadedHead } from "../heads/head-onnx.js";
import { type Matrix, rowOf } from "../linalg/matrix.js";
import { checkFingerprint, nameOf } from "./load-head.js";
import { labelJoiner } from "./multi-label/joined-labels.js";
import { leastSure } from "./multi-label/least-sure.js";
import { predictionWriter } from "./prediction-writer.js";
import type { Prediction, PredictOptions, PredictResult } from "./types.js";

/**
 * Predicts every row of an embeddings file, a batch in memory at a time.
 * @throws {HeadstartError} `fingerprint` if the embeddings come from another backbone; `interrupted`.
 */
export async function predictFile(
  options: PredictOptions,
  head: LoadedHead,
  path: string,
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
  const { labels, scores, probabilities, decided } = await head.run(X);
  const scoresOf = (i: number) =>
    withScores && {
      scores: Object.fromEntries(head.classes.map((name, k) => [name, rowOf(scores, i)[k]!])),
    };
  if (decided !== undefined) {
    const join = labelJoiner(head.classes);
    const sure = probabilities && leastSure(probabilities, decided);
    return ids.map((id, i) => {
      const given = head.classes.filter((_, k) => decided[i * head.classes.length + k] === 1);
      const confidence = sure && sure[i]!;
      const abstains = (confidence ?? 1) < abstainBelow;
      return {
        id,
        prediction: abstains ? null : join(given),
        labels: abstains ? [] : given,
        confidence,
        ...scoresOf(i),
      };
    });
  }
  return ids.map((id, i) => {
    const label = labels[i]!;
    const confidence = probabilities === null ? null : rowOf(probabilities, i)[head.classes.indexOf(label)]!;
    return {
      id,
      prediction: (confidence ?? 1) < abstainBelow ? null : label,
      confidence,
      ...scoresOf(i),
    };
  });
}
