import { readFile, stat } from "node:fs/promises";
import type { AudioPreprocessor } from "../backbones/backbone.js";
import { cpuCount } from "../core/cpu-count.js";
import { HeadstartError } from "../core/errors.js";
import { contentHash } from "../core/hash.js";
import type { RejectedRow, Row } from "../data/row.js";
import { ofOtherKind, type ReadyRow, rejectedBy, type Window } from "./open-window.js";
import { prepareInOrder } from "./prepare-in-order.js";
import type { VectorStore } from "./vector-store.js";
import { type WindowLimits, windowsOf } from "./windows.js";

/** Sounds of more bytes are refused before they are read. */
const MAX_BYTES = 512 * 2 ** 20;

/**
 * Windows of sounds. A few are read and decoded at a time, and no more than fit: memory is bounded by the limits
 * and the longest sounds, not by the number of rows.
 * @param limits - `size`: samples, or values of spectrograms.
 */
export function audioWindows(
  items: AsyncIterable<Row | RejectedRow>,
  preprocessor: AudioPreprocessor,
  limits: WindowLimits,
  store: VectorStore | null = null,
  concurrency: number = 2 * cpuCount(),
): AsyncGenerator<Window<Float32Array>> {
  const prepared = prepareInOrder(items, concurrency, (row) => prepare(row, preprocessor, store));
  return windowsOf(prepared, limits);
}

async function prepare(
  row: Row,
  preprocessor: AudioPreprocessor,
  store: VectorStore | null,
): Promise<ReadyRow<Float32Array>> {
  if (row.content.kind !== "audio") return ofOtherKind(row, "audio");
  try {
    const bytes = "bytes" in row.content ? row.content.bytes : await readSound(row.content.path);
    const hash = contentHash(bytes);
    const [vector] = store === null ? [] : await store.lookup([hash]);
    if (vector) return { state: "known", row, hash, vector };
    const { input, truncated } = await preprocessor.prepare(bytes);
    return { state: "prepared", row, hash, input, truncated };
  } catch (thrown) {
    return rejectedBy(row, thrown);
  }
}

async function readSound(path: string): Promise<Uint8Array> {
  const { size } = await stat(path);
  if (size <= MAX_BYTES) return readFile(path);
  throw new HeadstartError("data", `The file has ${Math.ceil(size / 2 ** 20)} MiB, over the limit of 512`, {
    facts: { path, size },
    hint: "Split the sound into pieces.",
  });
}
