import type { Backbone, Encoder } from "../../backbones/backbone.js";
import type { RejectedRow } from "../../data/row.js";
import type { VectorStore } from "../cache/vector-store.js";
import { type EmbeddedRows, keptOf } from "../file/embedded-rows.js";
import { HASH_BYTES, type VectorType } from "../file/schema.js";
import { type Batching, batchingOf } from "./batching.js";
import { type EncodeCounts, noCounts } from "./encode-counts.js";
import { type EncodingWindow, encodeWindows } from "./encode-windows.js";
import { finiteRows } from "./finite-rows.js";
import { ahead, unlessAborted, untilAborted } from "./iterate.js";
import type { Window } from "./open-window.js";
import { openSlots } from "./slots.js";
import { type StageClock, stageClock } from "./stage-clock.js";

/** How rows are grouped. Vectors do not depend on it beyond rounding; speed and memory do. */
export interface BatchOptions {
  /** Most tokens of a batch of texts, padding included. Default 512; 65,536 on accelerators. */
  readonly batchTokens: number;
  /** Images in a batch. Default 8, on accelerators 128; fewer where they have more than 512 x 512 pixels. */
  readonly batchImages: number;
  /** Most samples of a batch of sounds, padding included; of spectrograms, values. Default 480,000, 30 s at 16 kHz; eight times as many on accelerators. */
  readonly batchSamples: number;
  /**
   * Rows prepared, sorted and written together. Default 1,024 texts, 256 sounds or 32 images, of large ones fewer; on
   * accelerators 4,096 texts or 256 images.
   */
  readonly windowRows: number;
  /** Tokens that a window of texts holds at most: what a kill can lose, and what sorting can use. Default 32,768, or 16 batches. */
  readonly windowTokens: number;
}

/** A stretch of rows, embedded. */
export interface EmbeddedWindow {
  /** Rows of the input that it stands for, the rejected ones included. */
  readonly consumed: number;
  readonly rows: EmbeddedRows;
  readonly rejects: readonly RejectedRow[];
  readonly truncated: number;
}

/** Batches of a session under way at a time: while it runs one, the next one waits for it. */
export const AHEAD = 2;

export interface EmbedWindowsOptions extends BatchOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the rows done so far, rejected ones included. */
  readonly onRows?: (done: number) => void;
  /** Where vectors of contents that were embedded before are taken from; default: nowhere. */
  readonly store?: VectorStore | undefined;
  /** How vectors will be stored; default `fp32`. */
  readonly vectors?: VectorType;
  /** Counted up. */
  readonly counts?: EncodeCounts;
  readonly profile?: StageClock;
}

/**
 * Embeds windows of rows, in the input's order. The stages overlap: while one window is written, the next ones are encoded,
 * prepared and read, a bounded number of them.
 * @throws {HeadstartError} `interrupted` when `signal` fires; batches under way are waited for.
 */
export function embedWindows(
  prepared: AsyncIterable<Window<Int32Array | Float32Array>>,
  backbone: Backbone,
  encoder: Encoder,
  options: EmbedWindowsOptions,
): AsyncGenerator<EmbeddedWindow> {
  return embedded(prepared, batchingOf(backbone, encoder, options), backbone, encoder, options);
}

async function* embedded<Input extends { readonly length: number }>(
  prepared: AsyncIterable<Window<Input>>,
  batching: Batching<Input>,
  { spec: { dim } }: Backbone,
  encoder: Encoder,
  options: EmbedWindowsOptions,
): AsyncGenerator<EmbeddedWindow> {
  const { signal, onRows, store, vectors = "fp32", profile = stageClock(), counts = noCounts() } = options;
  // One, until sessions that are opened when they are needed are open.
  const slots = openSlots(() => Math.max(1, AHEAD * (encoder.sessions ?? 0)));
  let consumed = 0;
  let current: EncodingWindow<Input> | null = null;
  // Rows of a window count once the one before has been written.
  const onBatch = () => {
    if (current !== null) onRows?.(consumed + current.done());
  };
  const stop = () => slots.close();
  signal?.addEventListener("abort", stop, { once: true });
  try {
    const encoding = encodeWindows(ahead(prepared), batching, { dim, slots, counts, onBatch });
    for await (current of profile.timed("wait", untilAborted(ahead(encoding), signal))) {
      onBatch();
      const distinct = await profile.spent("wait", unlessAborted(current.vectors, signal));
      const start = performance.now();
      const window = finiteRows(current.window, distinct, dim, vectors);
      const rows = embeddedRows(window, distinct, dim);
      profile.add("assemble", performance.now() - start);
      if (store !== undefined) await profile.spent("assemble", addNew(store, window, distinct, dim));
      yield { consumed: window.consumed, rows, rejects: window.rejects, truncated: window.truncated };
      consumed += window.consumed;
      current = null;
      onRows?.(consumed);
    }
  } finally {
    signal?.removeEventListener("abort", stop);
    slots.close();
    await slots.drained();
  }
}

/** Tells the store of the vectors that it did not know. */
async function addNew<Input>(
  store: VectorStore,
  { rows, hashes, inputs, inputOf }: Window<Input>,
  distinct: Float32Array,
  dim: number,
): Promise<void> {
  const added = new Set<number>();
  const newHashes: Uint8Array[] = [];
  const vectors: Float32Array[] = [];
  for (let i = 0; i < rows.length; i++) {
    const input = inputOf[i]!;
    if (input >= inputs.length || added.has(input)) continue;
    added.add(input);
    newHashes.push(hashes[i]!);
    vectors.push(distinct.subarray(input * dim, (input + 1) * dim));
  }
  if (vectors.length > 0) await store.add(newHashes, vectors);
}

/** Gives each row the vector of its content; rows of equal content share one. */
function embeddedRows(window: Window<unknown>, distinct: Float32Array, dim: number): EmbeddedRows {
  const { rows, hashes, inputOf } = window;
  const packed = new Uint8Array(rows.length * HASH_BYTES);
  for (let i = 0; i < rows.length; i++) packed.set(hashes[i]!, i * HASH_BYTES);
  const inPlace = distinct.length === rows.length * dim && inputOf.every((input, i) => input === i);
  const vectors = inPlace ? distinct : new Float32Array(rows.length * dim);
  if (!inPlace) {
    for (let i = 0; i < rows.length; i++) {
      vectors.set(distinct.subarray(inputOf[i]! * dim, (inputOf[i]! + 1) * dim), i * dim);
    }
  }
  return {
    ids: rows.map((row) => row.id),
    vectors,
    labels: rows.map((row) => row.label),
    splits: rows.map((row) => row.split),
    sources: rows.map((row) => row.source),
    hashes: packed,
    kept: keptOf(rows),
  };
}
