import { setImmediate } from "node:timers/promises";
import { throwIfInterrupted } from "../core/interrupted.js";
import { random } from "../core/random.js";
import { quantile } from "./quantile.js";

/** Bounds of an interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface BootstrapOptions {
  /** Default 1,000. */
  readonly resamples?: number;
  /** Share of resamples that the interval covers; default 0.95. */
  readonly level?: number;
  /** Default 0. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

/**
 * Percentile bootstrap intervals: rows are drawn with replacement, each draw shared by all the figures.
 * The event loop gets its turn after some millions of rows.
 * @param rows - n. @param measure - the figures, by name, of the n rows when row i counts `weights[i]` times;
 *   NaN where one is not defined. The weights are overwritten by the next draw.
 * @returns an interval a figure; null where a figure is defined in no resample (those where it is not are left out).
 * @throws {HeadstartError} `interrupted` once the signal is aborted.
 * @see Efron & Tibshirani 1993, "An introduction to the bootstrap", chapter 13.
 */
export async function bootstrapIntervals<Name extends string>(
  rows: number,
  measure: (weights: Int32Array) => Readonly<Partial<Record<Name, number>>>,
  options: BootstrapOptions = {},
): Promise<Partial<Record<Name, Interval | null>>> {
  const { resamples = 1000, level = 0.95, seed = 0, signal } = options;
  const rng = random(seed);
  const values = new Map<Name, number[]>();
  const weights = new Int32Array(rows);
  const between = Math.max(1, Math.floor(ROWS_BETWEEN_TURNS / Math.max(1, rows)));
  for (let draw = 0; draw < resamples; draw++) {
    if (draw % between === 0) {
      await setImmediate();
      throwIfInterrupted(signal);
    }
    weights.fill(0);
    for (let i = 0; i < rows; i++) weights[rng.integer(rows)]!++;
    for (const [name, value] of Object.entries(measure(weights)) as [Name, number][]) {
      const found = values.get(name) ?? [];
      if (!Number.isNaN(value)) found.push(value);
      values.set(name, found);
    }
  }
  const tail = (1 - level) / 2;
  const intervals = Array.from(values, ([name, found]) => {
    const sorted = Float64Array.from(found).sort();
    const none = sorted.length === 0;
    return [name, none ? null : { low: quantile(sorted, tail), high: quantile(sorted, 1 - tail) }] as const;
  });
  return Object.fromEntries(intervals) as Partial<Record<Name, Interval | null>>;
}

/** About a tenth of a second. */
const ROWS_BETWEEN_TURNS = 2_000_000;
