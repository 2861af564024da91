import { readFile } from "node:fs/promises";
import type { ImagePreprocessor, TextPreprocessor } from "../backbones/backbone.js";
import { cpuCount } from "../core/cpu-count.js";
import { contentHash } from "../core/hash.js";
import type { RejectedRow, Row } from "../data/row.js";
import { hashKey, ofOtherKind, openWindow, type ReadyRow, rejectedBy, type Window } from "./open-window.js";
import { prepareInOrder } from "./prepare-in-order.js";
import { prepareTexts } from "./prepare-texts.js";
import type { VectorStore } from "./vector-store.js";

/** When a window is full: at so many rows, or at so much of what is to be encoded (tokens, samples). */
export interface WindowLimits {
  readonly rows: number;
  readonly size: number;
}

/** Rows that are looked up and tokenised together: few, so that this thread soon turns to something else. */
const TEXT_GROUP = 128;

/** Windows of prepared rows, in the input's order. */
export async function* windowsOf<Input extends { readonly length: number }>(
  rows: AsyncIterable<ReadyRow<Input>>,
  limits: WindowLimits,
): AsyncGenerator<Window<Input>> {
  let window = openWindow<Input>();
  let size = 0;
  for await (const item of rows) {
    if (window.add(item) && item.state === "prepared") size += item.input.length;
    if (window.consumed >= limits.rows || size >= limits.size) {
      yield window.close();
      window = openWindow();
      size = 0;
    }
  }
  if (window.consumed > 0) yield window.close();
}

/** Tokenised windows of text rows. */
export function textWindows(
  items: AsyncIterable<Row | RejectedRow>,
  preprocessor: TextPreprocessor,
  limits: WindowLimits,
  store: VectorStore | null = null,
): AsyncGenerator<Window<Int32Array>> {
  return windowsOf(prepareTexts(items, preprocessor, Math.min(limits.rows, TEXT_GROUP), store), limits);
}

/** Windows of images, several decoded at a time. */
export function imageWindows(
  items: AsyncIterable<Row | RejectedRow>,
  preprocessor: ImagePreprocessor,
  limits: Pick<WindowLimits, "rows">,
  store: VectorStore | null = null,
  concurrency: number = 2 * cpuCount(),
): AsyncGenerator<Window<Float32Array>> {
  let decoded = new Map<string, Promise<Float32Array>>();
  let rows = 0;
  const prepare = (row: Row) => {
    // Pixels are kept about as long as their window: equal images of one are decoded once.
    if (rows++ % limits.rows === 0) decoded = new Map();
    return decode(row, preprocessor, decoded, store);
  };
  return windowsOf(prepareInOrder(items, concurrency, prepare), {
    rows: limits.rows,
    size: Number.POSITIVE_INFINITY,
  });
}

async function decode(
  row: Row,
  preprocessor: ImagePreprocessor,
  decoded: Map<string, Promise<Float32Array>>,
  store: VectorStore | null,
): Promise<ReadyRow<Float32Array>> {
  if (row.content.kind !== "image") return ofOtherKind(row, "image");
  try {
    const bytes = "bytes" in row.content ? row.content.bytes : await readFile(row.content.path);
    const hash = contentHash(bytes);
    const [vector] = store === null ? [] : await store.lookup([hash]);
    if (vector) return { state: "known", row, hash, vector };
    const key = hashKey(hash);
    const input = decoded.get(key) ?? preprocessor.prepare(bytes);
    decoded.set(key, input);
    return { state: "prepared", row, hash, input: await input, truncated: false };
  } catch (thrown) {
    return rejectedBy(row, thrown);
  }
}
