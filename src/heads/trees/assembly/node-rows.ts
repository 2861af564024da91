// AssemblyScript: the node at hand of a tree that is grown, every row weighing 1.

import {
  classCount,
  codesAt,
  countsAt,
  eightAt,
  nodeCodesAt,
  nodeCountsAt,
  nodePairsAt,
  onLeftAt,
  rowsOfBinAt,
  totalsAt,
} from "./memory";

/** The node at hand: its rows, how many, their weight, the sum of the squares of its class weights. */
export let rows: usize = 0;
export let n: i32 = 0;
export let weight: i32 = 0;
export let squares: f64 = 0;
export let firstCode: i32 = 0;

/** Takes the node of the `size` rows at `at`; returns whether there are rows of two classes. */
export function enter(at: usize, size: i32): bool {
  // What the last node left.
  for (let k = 0; k < n; k++) store<i32>(totalsAt + (usize(load<i32>(nodeCodesAt + (k << 2))) << 2), 0);
  rows = at;
  n = size;
  weight = 0;
  squares = 0;
  firstCode = load<i32>(codesAt + (usize(load<i32>(at)) << 2));
  let mixed: i32 = 0;
  for (let k = 0; k < size; k++) {
    const row = usize(load<i32>(at + (k << 2))) << 2;
    const code = load<i32>(codesAt + row);
    const count = load<i32>(countsAt + row);
    store<i32>(nodeCodesAt + (k << 2), code);
    store<i32>(nodeCountsAt + (k << 2), count);
    store<i32>(nodePairsAt + (k << 2), count << ((code & 1) << 4));
    if (eightAt !== 0) {
      v128.store(eightAt + (k << 4), i16x8.splat(0));
      store<u16>(eightAt + (k << 4) + (code << 1), u16(count));
    }
    const total = totalsAt + (usize(code) << 2);
    const before = load<i32>(total);
    store<i32>(total, before + count);
    squares += f64(count) * f64(2 * before + count);
    weight += count;
    mixed |= code ^ firstCode;
  }
  return mixed !== 0;
}

/** Zeroes the weights on the left of the last threshold. */
export function emptyLeft(): void {
  if (classCount <= n) memory.fill(onLeftAt, 0, usize(classCount) << 2);
  else for (let k = 0; k < n; k++) store<i32>(onLeftAt + (usize(load<i32>(nodeCodesAt + (k << 2))) << 2), 0);
}

/** Counts the node's rows by bin. */
export function countRows(bins: usize): void {
  for (let k = 0; k < n; k++) {
    const at = rowsOfBinAt + (usize(load<u8>(bins + k)) << 2);
    store<i32>(at, load<i32>(at) + 1);
  }
}

/** The rows of a bin, whose counter is zero again. */
export function takeRows(bin: i32): i32 {
  const at = rowsOfBinAt + (bin << 2);
  const count = load<i32>(at);
  store<i32>(at, 0);
  return count;
}

/** Whether both sides are large enough; with one row a leaf, between two occupied bins they always are. */
export function allowed(rowsLeft: i32, minRows: i32): bool {
  return minRows === 1 || (rowsLeft >= minRows && n - rowsLeft >= minRows);
}
