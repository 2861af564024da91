import { HeadstartError, messageOf, ShapeError } from "../../core/errors.js";
import type { Batching } from "./batching.js";
import type { EncodeCounts } from "./encode-counts.js";
import type { Window } from "./open-window.js";
import { paddedSize } from "./padded-size.js";
import type { Slots } from "./slots.js";

/** A window whose batches are queued or running. */
export interface EncodingWindow<Input> {
  readonly window: Window<Input>;
  /** Distinct inputs that are encoded so far. */
  readonly done: () => number;
  /** `[inputs.length + known.length, dim]`, row-major, once all batches are through. */
  readonly vectors: Promise<Float32Array>;
}

export interface EncodeOptions {
  readonly dim: number;
  /** How many batches may be under way at a time. */
  readonly slots: Slots;
  readonly counts: EncodeCounts;
  /** Called when a batch is through. */
  readonly onBatch: () => void;
}

/**
 * Encodes windows in their order. The batches of a window are queued as soon as those of the one before are under way, so
 * that the session never waits for a window to be read, assembled or written.
 * @returns each window as its first batches are under way.
 */
export async function* encodeWindows<Input extends { readonly length: number }>(
  windows: AsyncIterable<Window<Input>>,
  batching: Batching<Input>,
  options: EncodeOptions,
): AsyncGenerator<EncodingWindow<Input>> {
  const { dim, counts } = options;
  for await (const window of windows) {
    const { inputs, known } = window;
    const vectors = new Float32Array((inputs.length + known.length) * dim);
    known.forEach((vector, i) => {
      if (vector.length !== dim) throw new ShapeError("a stored vector", [dim], [vector.length]);
      vectors.set(vector, (inputs.length + i) * dim);
    });
    counts.duplicates += window.rows.length - inputs.length - known.length;
    const progress = { done: 0 };
    const running: Promise<void>[] = [];
    const queued = queueBatches(inputs, vectors, progress, running, batching, options);
    const all = queued.then(() => Promise.all(running)).then(() => vectors);
    // A fault surfaces where the window's turn comes; until then it must not count as unhandled.
    all.catch(() => undefined);
    yield { window, done: () => progress.done, vectors: all };
    if (!(await succeeds(queued))) return;
  }
}

/** Puts all batches of a window under way, one after the other, as slots become free. */
async function queueBatches<Input extends { readonly length: number }>(
  inputs: readonly Input[],
  vectors: Float32Array,
  progress: { done: number },
  running: Promise<void>[],
  batching: Batching<Input>,
  options: EncodeOptions,
): Promise<void> {
  const { dim, slots, onBatch } = options;
  for (const batch of batching.plan(inputs)) {
    await slots.take();
    const encoded = encodeBatch(batch, inputs, batching, options)
      .then((rows) => {
        for (let j = 0; j < batch.length; j++) {
          vectors.set(rows.subarray(j * dim, (j + 1) * dim), batch[j]! * dim);
        }
        progress.done += batch.length;
        onBatch();
      })
      .catch((thrown: unknown) => {
        slots.close(thrown);
        throw thrown;
      })
      .finally(slots.free);
    encoded.catch(() => undefined);
    running.push(encoded);
  }
}

function succeeds(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => true,
    () => false,
  );
}

/**
 * Vectors of one batch, which is cut in half where it does not fit into the device's memory, and later ones with it.
 * @returns `[batch.length, dim]`, row-major.
 */
async function encodeBatch<Input extends { readonly length: number }>(
  batch: readonly number[],
  inputs: readonly Input[],
  batching: Batching<Input>,
  options: EncodeOptions,
): Promise<Float32Array> {
  const { dim, counts } = options;
  const rows = batch.map((i) => inputs[i]!);
  try {
    const encoded = await batching.encode(rows);
    if (encoded.length !== rows.length * dim) {
      throw new ShapeError("the backbone's output", [rows.length, dim], [encoded.length / rows.length]);
    }
    counts.batches++;
    counts.encoded += rows.length;
    counts.size += rows.reduce((sum, { length }) => sum + length, 0);
    counts.padded += paddedSize(rows);
    return encoded;
  } catch (thrown) {
    if (!isOutOfMemory(thrown)) throw thrown;
    if (rows.length === 1) throw tooLarge(thrown);
    batching.lowerBudget(rows);
    counts.halvings++;
    counts.budget = batching.budget();
    const vectors = new Float32Array(rows.length * dim);
    const middle = Math.ceil(rows.length / 2);
    const halves = [batch.slice(0, middle), batch.slice(middle)];
    let at = 0;
    for (const half of halves) {
      vectors.set(await encodeBatch(half, inputs, batching, options), at);
      at += half.length * dim;
    }
    return vectors;
  }
}

function isOutOfMemory(thrown: unknown): boolean {
  return thrown instanceof HeadstartError && thrown.facts.outOfMemory === true;
}

function tooLarge(cause: unknown): HeadstartError {
  return new HeadstartError("model", `Not even one row fits into the device's memory: ${messageOf(cause)}`, {
    hint: "Cut the content (of texts: --max-tokens), use a smaller backbone, or --device cpu.",
    cause,
  });
}
