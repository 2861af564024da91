import type { Backbone, Encoder } from "../../backbones/backbone.js";
import type { BatchOptions } from "./embed-windows.js";
import { paddedSize } from "./padded-size.js";

/** How the inputs of a window are grouped, and what runs a group. */
export interface Batching<Input> {
  /** @returns indices into `inputs`, each once. */
  plan(inputs: readonly Input[]): number[][];
  /** @returns `[batch.length, dim]`, row-major. */
  encode(batch: readonly Input[]): Promise<Float32Array>;
  /** Makes later batches half as large as this one, which did not fit into memory. */
  lowerBudget(batch: readonly Input[]): void;
  /** The budget now. */
  budget(): number;
}

/** How a backbone's inputs are grouped; they must be of the kind that its preprocessor makes. */
export function batchingOf(
  { preprocessor: { kind } }: Backbone,
  encoder: Encoder,
  {
    batchTokens,
    batchImages,
    batchSamples,
  }: Pick<BatchOptions, "batchTokens" | "batchImages" | "batchSamples">,
): Batching<Int32Array | Float32Array> {
  const batching =
    kind === "text"
      ? textBatching(encoder, batchTokens)
      : kind === "image"
        ? imageBatching(encoder, batchImages)
        : audioBatching(encoder, batchSamples);
  return batching as Batching<Int32Array | Float32Array>;
}

/** Texts, at most `tokens` of them in a batch, padding included. */
export function textBatching(encoder: Encoder, tokens: number): Batching<Int32Array> {
  return paddedBatching((batch) => encoder.encodeTexts(batch), tokens);
}

/** Sounds, at most `samples` (or values) of them in a batch, padding included. */
export function audioBatching(encoder: Encoder, samples: number): Batching<Float32Array> {
  return paddedBatching((batch) => encoder.encodeAudio(batch), samples);
}

/** Images, so many of them in a batch. */
export function imageBatching(encoder: Encoder, images: number): Batching<Float32Array> {
  let budget = images;
  return {
    plan: (inputs) =>
      Array.from({ length: Math.ceil(inputs.length / budget) }, (_, batch) =>
        Array.from(
          { length: Math.min(budget, inputs.length - batch * budget) },
          (_, i) => batch * budget + i,
        ),
      ),
    encode: (batch) => encoder.encodeImages(batch),
    lowerBudget(batch) {
      budget = Math.max(1, Math.min(budget, Math.floor(batch.length / 2)));
    },
    budget: () => budget,
  };
}

function paddedBatching<Input extends { readonly length: number }>(
  encode: (batch: readonly Input[]) => Promise<Float32Array>,
  size: number,
): Batching<Input> {
  let budget = size;
  return {
    plan: (inputs) =>
      budgetedBatches(
        inputs.map(({ length }) => length),
        budget,
      ),
    encode,
    lowerBudget(batch) {
      budget = Math.max(1, Math.min(budget, Math.floor(paddedSize(batch) / 2)));
    },
    budget: () => budget,
  };
}

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
