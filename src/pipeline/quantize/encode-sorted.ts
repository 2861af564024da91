import type { Encoder } from "../../backbones/backbone.js";
import { throwIfInterrupted } from "../../core/interrupted.js";
import { budgetedBatches } from "../../embeddings/engine/batching.js";
import type { Matrix } from "../../linalg/matrix.js";

/** Tokens of a batch: what the engine's own batches come to on a processor. */
const BATCH_TOKENS = 512;

/** Vectors of tokenised texts, in their order, made in length-sorted batches. */
export async function encodeSorted(
  encoder: Encoder,
  texts: readonly Int32Array[],
  dim: number,
  signal?: AbortSignal,
): Promise<Matrix<Float32Array>> {
  const data = new Float32Array(texts.length * dim);
  for (const batch of sortedBatches(texts)) {
    throwIfInterrupted(signal);
    const vectors = await encoder.encodeTexts(batch.map((i) => texts[i]!));
    batch.forEach((row, i) => {
      data.set(vectors.subarray(i * dim, (i + 1) * dim), row * dim);
    });
  }
  return { data, rows: texts.length, cols: dim };
}

/** Indices of texts of like length, batch by batch. */
export function sortedBatches(texts: readonly Int32Array[]): number[][] {
  return budgetedBatches(
    texts.map((ids) => ids.length),
    BATCH_TOKENS,
  );
}
