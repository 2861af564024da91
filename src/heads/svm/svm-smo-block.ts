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
  const free = Array.from(before.filter((t) => beta[t]! > low[t]! && beta[t]! < high[t]!));
  free.sort((a, b) => entered[b]! - entered[a]! || a - b);
  const kept = free.slice(0, size >> 1);
  const taken = new Uint8Array(F.length);
  for (const t of kept) taken[t] = 1;
  const room = size - kept.length;
  const rising: number[] = [];
  const falling: number[] = [];
  for (let t = 0; t < F.length; t++) {
    if (taken[t] !== 0) continue;
    if (beta[t]! < high[t]! && F[t]! < largest) rising.push(t);
    if (beta[t]! > low[t]! && F[t]! > smallest) falling.push(t);
  }
  const up = lowest(rising, (t) => F[t]!, room);
  const down = lowest(falling, (t) => -F[t]!, room);
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

/** The `count` candidates of the lowest keys, lowest first; equal ones in their order. */
function lowest(candidates: readonly number[], key: (t: number) => number, count: number): number[] {
  const keys = Float64Array.from(candidates, key);
  if (candidates.length <= count) return inOrder(candidates, key);
  const limit = keys.slice().sort()[count - 1]!;
  const below = candidates.filter((_, k) => keys[k]! < limit);
  const level = candidates.filter((_, k) => keys[k] === limit);
  return inOrder([...below, ...level.slice(0, count - below.length)], key);
}

function inOrder(candidates: readonly number[], key: (t: number) => number): number[] {
  return [...candidates].sort((a, b) => key(a) - key(b) || a - b);
}
