import type { Backbone, Encoder } from "../backbones/backbone.js";
import { HeadstartError } from "../core/errors.js";
import type { RejectedRow, Row } from "../data/row.js";
import type { EmbeddedRows } from "./embedded-rows.js";
import { encodeAudio, encodeImages, encodeTexts } from "./encode-window.js";
import { finiteRows } from "./finite-rows.js";
import { ahead, untilAborted } from "./iterate.js";
import type { Window } from "./open-window.js";
import { HASH_BYTES } from "./schema.js";
import { imageWindows, textWindows } from "./windows.js";
import { audioWindows } from "./windows-audio.js";

/** How rows are grouped. Vectors do not depend on it beyond rounding; speed and memory do. */
export interface BatchOptions {
  /** Most tokens of a batch of texts, padding included. Default 2,048. */
  readonly batchTokens: number;
  /** Images in a batch. Default 16, fewer where they have more than 512 x 512 pixels. */
  readonly batchImages: number;
  /** Most samples of a batch of sounds, padding included; of spectrograms, values. Default 480,000: 30 s at 16 kHz. */
  readonly batchSamples: number;
  /** Rows prepared, sorted and written together. Default 1,024 texts, 256 sounds or 64 images, of large ones fewer. */
  readonly windowRows: number;
}

/** A stretch of rows, embedded. */
export interface EmbeddedWindow {
  /** Rows of the input that it stands for, the rejected ones included. */
  readonly consumed: number;
  readonly rows: EmbeddedRows;
  readonly rejects: readonly RejectedRow[];
  readonly truncated: number;
}

/** Token budgets that a window of texts holds at most: what a kill can lose, and what sorting can use. */
const BATCHES_PER_WINDOW = 16;
/** Of sounds, which are larger: 8 batches of 30 s take 15 MB. */
const SOUND_BATCHES_PER_WINDOW = 8;

/**
 * Embeds a stream of rows window by window, in the input's order; the next window is read and prepared while
 * one is encoded.
 * @param onRows - called with the rows done so far, rejected ones included.
 * @throws {HeadstartError} `interrupted` at the first batch after `signal` fires.
 */
export async function* embedWindows(
  items: AsyncIterable<Row | RejectedRow>,
  backbone: Backbone,
  encoder: Encoder,
  options: BatchOptions & {
    readonly signal?: AbortSignal | undefined;
    readonly onRows?: (done: number) => void;
  },
): AsyncGenerator<EmbeddedWindow> {
  const { preprocessor, spec } = backbone;
  const { signal, onRows } = options;
  const limits = { rows: options.windowRows, tokens: BATCHES_PER_WINDOW * options.batchTokens };
  let consumed = 0;
  const shared = {
    dim: spec.dim,
    batchTokens: options.batchTokens,
    batchImages: options.batchImages,
    batchSamples: options.batchSamples,
    beforeBatch: (done: number) => {
      if (signal?.aborted) throw new HeadstartError("interrupted", "Embedding was interrupted");
      onRows?.(consumed + done);
    },
  };
  const finish = (encoded: Window<unknown>, distinct: Float32Array): EmbeddedWindow => {
    const window = finiteRows(encoded, distinct, spec.dim);
    consumed += window.consumed;
    onRows?.(consumed);
    return {
      consumed: window.consumed,
      rows: embeddedRows(window, distinct, spec.dim),
      rejects: window.rejects,
      truncated: window.truncated,
    };
  };
  if (preprocessor.kind === "text") {
    for await (const window of untilAborted(ahead(textWindows(items, preprocessor, limits)), signal)) {
      yield finish(window, await encodeTexts(encoder, window.inputs, shared));
    }
  } else if (preprocessor.kind === "image") {
    for await (const window of untilAborted(ahead(imageWindows(items, preprocessor, limits)), signal)) {
      yield finish(window, await encodeImages(encoder, window.inputs, shared));
    }
  } else {
    const bounds = { rows: options.windowRows, values: SOUND_BATCHES_PER_WINDOW * options.batchSamples };
    for await (const window of untilAborted(ahead(audioWindows(items, preprocessor, bounds)), signal)) {
      yield finish(window, await encodeAudio(encoder, window.inputs, shared));
    }
  }
}

/** Gives each row the vector of its content; rows of equal content share one. */
function embeddedRows(window: Window<unknown>, distinct: Float32Array, dim: number): EmbeddedRows {
  const { rows, hashes, inputOf } = window;
  const packed = new Uint8Array(rows.length * HASH_BYTES);
  for (let i = 0; i < rows.length; i++) packed.set(hashes[i]!, i * HASH_BYTES);
  const inPlace = window.inputs.length === rows.length && inputOf.every((input, i) => input === i);
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
  };
}
