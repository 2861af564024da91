import type { Encoder } from "../backbones/backbone.js";
import { ShapeError } from "../core/errors.js";

/**
 * Splits texts or sounds into batches of like length: sorted, then cut where the padded batch would pass the budget.
 * @param lengths - tokens of each text, or samples of each sound.
 * @param budget - most of them in a batch, padding included; one that is longer is a batch of its own.
 * @returns indices into `lengths`, each once.
 */
export function budgetedBatches(lengths: readonly number[], budget: number): number[][] {
  const order = lengths.map((_, i) => i).sort((a, b) => lengths[a]! - lengths[b]! || a - b);
  const batches: number[][] = [];
  let batch: number[] = [];
  for (const i of order) {
    if (batch.length > 0 && (batch.length + 1) * lengths[i]! > budget) {
      batches.push(batch);
      batch = [];
    }
    batch.push(i);
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

/**
 * Vectors of tokenised texts, in the texts' order whatever the batching did.
 * @param beforeBatch - called with the number of texts done before each batch; it may throw to stop.
 * @returns `[texts.length, dim]`, row-major.
 */
export function encodeTexts(
  encoder: Encoder,
  texts: readonly Int32Array[],
  options: {
    readonly dim: number;
    readonly batchTokens: number;
    readonly beforeBatch: (done: number) => void;
  },
): Promise<Float32Array> {
  const batches = budgetedBatches(
    texts.map((ids) => ids.length),
    options.batchTokens,
  );
  return scatter(texts.length, options, batches, (batch) => encoder.encodeTexts(batch.map((i) => texts[i]!)));
}

/** Vectors of prepared images, likewise, in batches of `batchImages`. */
export function encodeImages(
  encoder: Encoder,
  images: readonly Float32Array[],
  options: {
    readonly dim: number;
    readonly batchImages: number;
    readonly beforeBatch: (done: number) => void;
  },
): Promise<Float32Array> {
  const batches: number[][] = [];
  for (let i = 0; i < images.length; i++) {
    if (i % options.batchImages === 0) batches.push([]);
    batches.at(-1)!.push(i);
  }
  return scatter(images.length, options, batches, (batch) =>
    encoder.encodeImages(batch.map((i) => images[i]!)),
  );
}

/** Vectors of prepared sounds, likewise; sounds of like length together, at most `batchSamples` values a batch. */
export function encodeAudio(
  encoder: Encoder,
  sounds: readonly Float32Array[],
  options: {
    readonly dim: number;
    readonly batchSamples: number;
    readonly beforeBatch: (done: number) => void;
  },
): Promise<Float32Array> {
  const batches = budgetedBatches(
    sounds.map((sound) => sound.length),
    options.batchSamples,
  );
  return scatter(sounds.length, options, batches, (batch) =>
    encoder.encodeAudio(batch.map((i) => sounds[i]!)),
  );
}

async function scatter(
  count: number,
  { dim, beforeBatch }: { readonly dim: number; readonly beforeBatch: (done: number) => void },
  batches: readonly (readonly number[])[],
  encode: (batch: readonly number[]) => Promise<Float32Array>,
): Promise<Float32Array> {
  const vectors = new Float32Array(count * dim);
  let done = 0;
  for (const batch of batches) {
    beforeBatch(done);
    const encoded = await encode(batch);
    if (encoded.length !== batch.length * dim) {
      throw new ShapeError("the backbone's output", [batch.length, dim], [encoded.length / batch.length]);
    }
    for (let j = 0; j < batch.length; j++)
      vectors.set(encoded.subarray(j * dim, (j + 1) * dim), batch[j]! * dim);
    done += batch.length;
  }
  return vectors;
}
