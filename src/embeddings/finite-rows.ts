import type { RejectedRow } from "../data/row.js";
import { rejected, type Window } from "./open-window.js";

/**
 * A window whose rows all have vectors of finite numbers: those that have not (half precision that overflows, most often)
 * are among its rejected rows.
 * @param distinct - `[inputs.length + known.length, dim]` of the window, row-major.
 */
export function finiteRows<T>(window: Window<T>, distinct: Float32Array, dim: number): Window<T> {
  const odd = new Set<number>();
  for (let i = 0; i * dim < distinct.length; i++) {
    if (!hasNumbers(distinct.subarray(i * dim, (i + 1) * dim))) odd.add(i);
  }
  if (odd.size === 0) return window;
  const kept: number[] = [];
  const rejects: RejectedRow[] = [...window.rejects];
  window.rows.forEach((row, i) => {
    if (odd.has(window.inputOf[i]!)) rejects.push(rejected(row, REASON));
    else kept.push(i);
  });
  const of = <V>(values: readonly V[]): V[] => kept.map((i) => values[i]!);
  const { rows, hashes, inputOf } = window;
  return { ...window, rows: of(rows), hashes: of(hashes), inputOf: of(inputOf), rejects };
}

const REASON =
  "Its vector holds values that are no finite numbers; with --precision fp16, try fp32: the backbone may overflow.";

/** Times zero, what is not finite is not a number, and so is a sum that holds it. */
function hasNumbers(vector: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i]! * 0;
  return sum === 0;
}
