import { nthSmallest } from "../../linalg/nth-smallest.js";
import type { SmoState } from "./svm-smo-state.js";

/**
 * The variables that a solver looks at next: of the last block those inside their box, up to half of it, the latest
 * first; else those that violate the conditions most, by turns among those that may rise and those that may fall.
 * @param before - the last block.
 * @param entered - when each variable came into a block, written. @param turn - the number of this block, from 1.
 * @returns ascending: what is gathered by it then lies in the order of memory.
 */
export function chooseBlock(
  state: SmoState,
  before: Int32Array,
  size: number,
  entered: Int32Array,
  turn: number,
): Int32Array {
  const { beta, F, low, high, smallest, largest } = state;
  const free = Array.from(before).filter((t) => beta[t]! > low[t]! && beta[t]! < high[t]!);
  free.sort((a, b) => entered[b]! - entered[a]! || a - b);
  const kept = free.slice(0, size >> 1);
  const taken = new Uint8Array(F.length);
  for (const t of kept) taken[t] = 1;
  const room = size - kept.length;
  const rising = new Int32Array(F.length);
  const falling = new Int32Array(F.length);
  let risers = 0;
  let fallers = 0;
  for (let t = 0; t < F.length; t++) {
    if (taken[t] !== 0) continue;
    if (beta[t]! < high[t]! && F[t]! < largest) rising[risers++] = t;
    if (beta[t]! > low[t]! && F[t]! > smallest) falling[fallers++] = t;
  }
  const up = lowest(rising.subarray(0, risers), F, 1, room);
  const down = lowest(falling.subarray(0, fallers), F, -1, room);
  const chosen: number[] = [];
  for (let k = 0; chosen.length < room && (k < up.length || k < down.length); k++) {
    for (const side of [up, down]) {
      const t = side[k];
      if (t === undefined || taken[t] !== 0 || chosen.length === room) continue;
      taken[t] = 1;
      entered[t] = turn;
      chosen.push(t);
    }
  }
  return Int32Array.from([...kept, ...chosen]).sort();
}

/** The `count` candidates of the lowest gradients times `sign`, lowest first; equal ones in their order. */
function lowest(candidates: Int32Array, F: Float64Array, sign: 1 | -1, count: number): Int32Array {
  const keys = new Float64Array(candidates.length);
  for (let k = 0; k < keys.length; k++) keys[k] = sign * F[candidates[k]!]!;
  let chosen = candidates;
  if (candidates.length > count) {
    const limit = nthSmallest(keys.slice(), count - 1);
    let level = count;
    for (let k = 0; k < keys.length; k++) if (keys[k]! < limit) level--;
    chosen = candidates.filter((_, k) => keys[k]! < limit || (keys[k] === limit && level-- > 0));
  }
  return chosen.sort((a, b) => sign * (F[a]! - F[b]!) || a - b);
}
