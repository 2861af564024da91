import { nthSmallest } from "../../linalg/nth-smallest.js";
import type { SmoState } from "./svm-smo-state.js";

/** Gives the variables that a solver looks at next, ascending: what is gathered by it then lies in the order of memory. */
export type ChooseBlock = (state: SmoState) => Int32Array;

/**
 * Of the last block those inside their box, up to half of the next, the latest first; else those that violate the
 * conditions most, by turns among those that may rise and those that may fall.
 * @param variables - of the problem. @param size - of a block.
 */
export function blockChooser(variables: number, size: number): ChooseBlock {
  // When each variable came into a block.
  const entered = new Int32Array(variables);
  const taken = new Uint8Array(variables);
  const rising = new Int32Array(variables);
  const falling = new Int32Array(variables);
  const keys = new Float64Array(variables);
  let before = new Int32Array(0);
  let turn = 0;
  return ({ beta, F, low, high, smallest, largest }) => {
    turn++;
    const free = Array.from(before).filter((t) => beta[t]! > low[t]! && beta[t]! < high[t]!);
    free.sort((a, b) => entered[b]! - entered[a]! || a - b);
    const block = free.slice(0, size >> 1);
    taken.fill(0);
    for (const t of block) taken[t] = 1;
    let risers = 0;
    let fallers = 0;
    for (let t = 0; t < variables; t++) {
      if (taken[t] !== 0) continue;
      const f = F[t]!;
      if (f < largest && beta[t]! < high[t]!) rising[risers++] = t;
      if (f > smallest && beta[t]! > low[t]!) falling[fallers++] = t;
    }
    const room = size - block.length;
    const half = (room + 1) >> 1;
    const up = lowest(rising.subarray(0, risers), F, 1, Math.max(half, room - fallers), keys);
    const down = lowest(falling.subarray(0, fallers), F, -1, Math.max(half, room - risers), keys);
    for (let k = 0; block.length < size && (k < up.length || k < down.length); k++) {
      for (const side of [up, down]) {
        const t = side[k];
        if (t === undefined || taken[t] !== 0 || block.length === size) continue;
        taken[t] = 1;
        entered[t] = turn;
        block.push(t);
      }
    }
    before = Int32Array.from(block).sort();
    return before;
  };
}

/**
 * The `count` candidates of the lowest gradients times `sign`, lowest first; equal ones in their order.
 * @param keys - room for a number a candidate.
 */
function lowest(
  candidates: Int32Array,
  F: Float64Array,
  sign: 1 | -1,
  count: number,
  keys: Float64Array,
): Int32Array {
  let chosen = candidates;
  if (candidates.length > count) {
    for (let k = 0; k < candidates.length; k++) keys[k] = sign * F[candidates[k]!]!;
    const limit = nthSmallest(keys.subarray(0, candidates.length), count - 1);
    let level = count;
    for (let k = 0; k < candidates.length; k++) if (sign * F[candidates[k]!]! < limit) level--;
    chosen = new Int32Array(count);
    for (let k = 0, at = 0; at < count; k++) {
      const key = sign * F[candidates[k]!]!;
      if (key < limit || (key === limit && level-- > 0)) chosen[at++] = candidates[k]!;
    }
  }
  return chosen.sort((a, b) => sign * (F[a]! - F[b]!) || a - b);
}
