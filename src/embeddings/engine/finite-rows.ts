import type { RejectedRow } from "../../data/row.js";
import { fitsFloat16 } from "../file/float16.js";
import type { VectorType } from "../file/schema.js";
import { rejected, type Window } from "./open-window.js";

/**
 * A window whose rows all have vectors of finite numbers: those that have not (half precision that overflows, most often)
 * are among its rejected rows.
 * Stored as float16, they also have to stay finite there.
 * @param distinct - `[inputs.length + known.length, dim]` of the window, row-major.
 */
export function finiteRows<T>(
  window: Window<T>,
  distinct: Float32Array,
  dim: number,
  vectors: VectorType,
): Window<T> {
  const odd = new Map<number, string>();
  for (let i = 0; i * dim < distinct.length; i++) {
    const vector = distinct.subarray(i * dim, (i + 1) * dim);
    if (!hasNumbers(vector)) odd.set(i, NO_NUMBERS);
    else if (vectors === "fp16" && !fitsFloat16(vector)) odd.set(i, TOO_LARGE);
  }
  if (odd.size === 0) return window;
  const kept: number[] = [];
  const rejects: RejectedRow[] = [...window.rejects];
  window.rows.forEach((row, i) => {
    const reason = odd.get(window.inputOf[i]!);
    if (reason !== undefined) rejects.push(rejected(row, reason));
    else kept.push(i);
  });
  const of = <V>(values: readonly V[]): V[] => kept.map((i) => values[i]!);
  const { rows, hashes, inputOf } = window;
  return { ...window, rows: of(rows), hashes: of(hashes), inputOf: of(inputOf), rejects };
}

const TOO_LARGE = "Its vector holds values beyond 65,504, which float16 has no room for; use --store fp32.";
const NO_NUMBERS =
  "Its vector holds values that are no finite numbers; with --precision fp16, try fp32: the backbone may overflow.";

/** Times zero, what is not finite is not a number, and so is a sum that holds it. */
function hasNumbers(vector: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i]! * 0;
  return sum === 0;
}
