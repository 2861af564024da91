import type { ImagePreprocessor, TextPreprocessor } from "../../backbones/backbone.js";
import type { PreprocessPoolOptions } from "../../backbones/preprocess/preprocess-pool.js";
import { cpuCount } from "../../core/cpu-count.js";
import type { RejectedRow, Row } from "../../data/row.js";
import type { VectorStore } from "../cache/vector-store.js";
import { MAX_BATCH_ROWS } from "../file/schema.js";
import { mayBeCut } from "./may-be-cut.js";
import { openWindow, type ReadyRow, type Window } from "./open-window.js";
import { prepareInOrder } from "./prepare-in-order.js";
import { type Lately, prepareMedium } from "./prepare-medium.js";
import { prepareTexts } from "./prepare-texts.js";
import { withPool } from "./with-pool.js";

/** When a window is full. */
export interface WindowLimits {
  /** Rows; of those whose vector is known four count as one, so that what is left to encode fills batches. */
  readonly rows: number;
  /** Of what is to be encoded: tokens, samples. */
  readonly size: number;
}

/** Rows that are tokenised together: few, so that this thread soon turns to something else. */
const TEXT_GROUP = 128;
/** Rows that are looked up together, where there is a store to ask. */
const LOOKUP_GROUP = 512;
/** What a row whose vector is known counts. */
const KNOWN_ROW = 1 / 4;

/** Windows of prepared rows, in the input's order; so many rows at a time as come together. */
export async function* windowsOf<Input extends { readonly length: number }>(
  groups: AsyncIterable<readonly ReadyRow<Input>[]>,
  limits: WindowLimits,
): AsyncGenerator<Window<Input>> {
  const mostRows = Math.max(limits.rows, MAX_BATCH_ROWS);
  let window = openWindow<Input>();
  let rows = 0;
  let size = 0;
  for await (const group of groups) {
    for (const item of group) {
      if (window.add(item) && item.state === "prepared") size += item.input.length;
      rows += item.state === "known" ? KNOWN_ROW : 1;
      if (rows < limits.rows && size < limits.size && window.consumed < mostRows) continue;
      yield window.close();
      window = openWindow();
      rows = 0;
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
  options: PreprocessPoolOptions = {},
): AsyncGenerator<Window<Int32Array>> {
  const group = Math.min(limits.rows, store === null ? TEXT_GROUP : LOOKUP_GROUP);
  return withPool(preprocessor, options, (pool) =>
    windowsOf(prepareTexts(items, pool, group, store, mayBeCut(preprocessor)), limits),
  );
}

/** Windows of images, several decoded at a time. */
export function imageWindows(
  items: AsyncIterable<Row | RejectedRow>,
  preprocessor: ImagePreprocessor,
  { rows }: Pick<WindowLimits, "rows">,
  store: VectorStore | null = null,
  options: PreprocessPoolOptions = {},
): AsyncGenerator<Window<Float32Array>> {
  const { concurrency = 2 * cpuCount() } = options;
  return withPool(preprocessor, options, (pool) => {
    let lately: Lately = new Map();
    let read = 0;
    const prepared = prepareInOrder(items, concurrency, (row) => {
      // Pixels are kept about as long as their window: equal images of one are decoded once.
      if (read++ % rows === 0) lately = new Map();
      return prepareMedium(row, "image", pool, store, lately);
    });
    return windowsOf(prepared, { rows, size: Number.POSITIVE_INFINITY });
  });
}
