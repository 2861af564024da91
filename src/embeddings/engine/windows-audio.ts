import type { AudioPreprocessor } from "../../backbones/backbone.js";
import type { PreprocessPoolOptions } from "../../backbones/preprocess/preprocess-pool.js";
import { cpuCount } from "../../core/cpu-count.js";
import type { RejectedRow, Row } from "../../data/row.js";
import type { VectorStore } from "../cache/vector-store.js";
import type { Window } from "./open-window.js";
import { prepareInOrder } from "./prepare-in-order.js";
import { prepareMedium } from "./prepare-medium.js";
import { type WindowLimits, windowsOf } from "./windows.js";
import { withPool } from "./with-pool.js";

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
  options: PreprocessPoolOptions = {},
): AsyncGenerator<Window<Float32Array>> {
  const { concurrency = 2 * cpuCount() } = options;
  return withPool(preprocessor, options, (pool) => {
    // Sounds take more memory than images: equal ones are only known to the window.
    const prepared = prepareInOrder(items, concurrency, (row) =>
      prepareMedium(row, "audio", pool, store, new Map()),
    );
    return windowsOf(prepared, limits);
  });
}
