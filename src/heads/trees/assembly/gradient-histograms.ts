// AssemblyScript: src/heads/trees/interpreted-search.ts, the same splits to the last bit;
// src/heads/trees/compiled-search.ts calls it, in an instance that grows no forest.

import { reach } from "./memory";

/** Hessian that each side of a split needs. */
const LEAST_HESSIAN: f64 = 1e-3;

/** A byte a row and feature, feature after feature. */
export let columnsAt: usize = 0;
/** The features that a tree may split, ascending; 4 bytes. */
export let featuresAt: usize = 0;
/** The rows of a node; 4 bytes. */
export let nodeRowsAt: usize = 0;
/** Their gradients and hessians side by side; 8 bytes each. */
export let nodeGradientsAt: usize = 0;

/** The split found last. */
export let splitScore: f64 = 0;
export let splitEdge: i32 = -1;
export let splitGradient: f64 = 0;
export let splitHessian: f64 = 0;

let rowCount: usize = 0;
let width: usize = 0;
/** Gradient and hessian by slot, feature and bin, side by side; then the rows, 4 bytes. */
let sumsAt: usize = 0;
let countsAt: usize = 0;
let sumBytes: usize = 0;
let countBytes: usize = 0;

/** Lays the memory out; false where it does not reach. */
export function prepareHistograms(rows: i32, cols: i32, bins: i32, slots: i32): bool {
  rowCount = rows;
  width = bins;
  sumBytes = (usize(cols) * bins) << 4;
  countBytes = (usize(cols) * bins) << 2;
  columnsAt = 1024;
  featuresAt = (columnsAt + usize(rows) * cols + 31) & ~15;
  nodeRowsAt = (featuresAt + (usize(cols) << 2) + 31) & ~15;
  nodeGradientsAt = (nodeRowsAt + (usize(rows) << 2) + 31) & ~15;
  sumsAt = (nodeGradientsAt + (usize(rows) << 4) + 31) & ~15;
  countsAt = sumsAt + sumBytes * slots;
  return reach(countsAt + countBytes * slots);
}

/** Counts the first `n` node rows on the first `features` of the features. */
export function countRows(slot: i32, features: i32, n: i32): void {
  const sums = sumsAt + sumBytes * slot;
  const counts = countsAt + countBytes * slot;
  const sumsOf = width << 4;
  const countsOf = width << 2;
  let k: usize = 0;
  const last = usize(features) << 2;
  for (; k + 4 < last; k += 8) {
    const f = usize(load<i32>(featuresAt + k));
    const g = usize(load<i32>(featuresAt + k, 4));
    memory.fill(sums + f * sumsOf, 0, sumsOf);
    memory.fill(sums + g * sumsOf, 0, sumsOf);
    memory.fill(counts + f * countsOf, 0, countsOf);
    memory.fill(counts + g * countsOf, 0, countsOf);
    countTwo(f, g, sums + f * sumsOf, sums + g * sumsOf, counts + f * countsOf, counts + g * countsOf, n);
  }
  if (k < last) {
    const f = usize(load<i32>(featuresAt + k));
    memory.fill(sums + f * sumsOf, 0, sumsOf);
    memory.fill(counts + f * countsOf, 0, countsOf);
    countOne(f, sums + f * sumsOf, counts + f * countsOf, n);
  }
}

function countOne(feature: usize, sums: usize, counts: usize, n: usize): void {
  const bins = columnsAt + feature * rowCount;
  for (let k: usize = 0; k < n; k++) {
    const bin = usize(load<u8>(bins + load<u32>(nodeRowsAt + (k << 2))));
    const sum = sums + (bin << 4);
    v128.store(sum, f64x2.add(v128.load(sum), v128.load(nodeGradientsAt + (k << 4))));
    const count = counts + (bin << 2);
    store<i32>(count, load<i32>(count) + 1);
  }
}

/** Two features at a time: a row and its gradient are loaded once. */
function countTwo(
  f: usize,
  g: usize,
  sums: usize,
  others: usize,
  counts: usize,
  more: usize,
  n: usize,
): void {
  const bins = columnsAt + f * rowCount;
  const otherBins = columnsAt + g * rowCount;
  for (let k: usize = 0; k < n; k++) {
    const row = usize(load<u32>(nodeRowsAt + (k << 2)));
    const pair = v128.load(nodeGradientsAt + (k << 4));
    const bin = usize(load<u8>(bins + row));
    const other = usize(load<u8>(otherBins + row));
    const sum = sums + (bin << 4);
    v128.store(sum, f64x2.add(v128.load(sum), pair));
    const second = others + (other << 4);
    v128.store(second, f64x2.add(v128.load(second), pair));
    const count = counts + (bin << 2);
    store<i32>(count, load<i32>(count) + 1);
    const last = more + (other << 2);
    store<i32>(last, load<i32>(last) + 1);
  }
}

/** Takes the histogram in slot `less` away from that in `slot`. */
export function takeAway(slot: i32, less: i32, features: i32): void {
  const sumsOf = width << 4;
  const countsOf = width << 2;
  for (let k: usize = 0; k < usize(features) << 2; k += 4) {
    const f = usize(load<i32>(featuresAt + k));
    const sums = sumsAt + sumBytes * slot + f * sumsOf;
    const away = sumsAt + sumBytes * less + f * sumsOf;
    for (let at: usize = 0; at < sumsOf; at += 16) {
      v128.store(sums + at, f64x2.sub(v128.load(sums + at), v128.load(away + at)));
    }
    const counts = countsAt + countBytes * slot + f * countsOf;
    const fewer = countsAt + countBytes * less + f * countsOf;
    for (let at: usize = 0; at < countsOf; at += 4) {
      store<i32>(counts + at, load<i32>(counts + at) - load<i32>(fewer + at));
    }
  }
}

/** The best split in a slot: its feature, or -1; the rest is in globals. Its score is above `least`. */
export function bestSplit(
  slot: i32,
  features: i32,
  rows: i32,
  gradient: f64,
  hessian: f64,
  minRows: i32,
  l2: f64,
  least: f64,
): i32 {
  let found = -1;
  splitScore = least;
  const pull = f64x2.splat(l2);
  const total = f64x2.replace_lane(f64x2.splat(gradient), 1, hessian);
  for (let k: usize = 0; k < usize(features) << 2; k += 4) {
    const f = usize(load<i32>(featuresAt + k));
    const sums = sumsAt + sumBytes * slot + f * (width << 4);
    const counts = countsAt + countBytes * slot + f * (width << 2);
    let left = f64x2.splat(0);
    let onLeft: i32 = 0;
    for (let bin: usize = 0; bin < width; bin++) {
      const here = load<i32>(counts + (bin << 2));
      if (here === 0) continue;
      left = f64x2.add(left, v128.load(sums + (bin << 4)));
      onLeft += here;
      const h = f64x2.extract_lane(left, 1);
      if (onLeft < minRows || h < LEAST_HESSIAN) continue;
      const right = f64x2.sub(total, left);
      if (rows - onLeft < minRows || f64x2.extract_lane(right, 1) < LEAST_HESSIAN) break;
      // Both sides at once: G squared over H + l2.
      const g = v128.shuffle<f64>(left, right, 0, 2);
      const sides = f64x2.div(f64x2.mul(g, g), f64x2.add(v128.shuffle<f64>(left, right, 1, 3), pull));
      const score = f64x2.extract_lane(sides, 0) + f64x2.extract_lane(sides, 1);
      if (score <= splitScore) continue;
      splitScore = score;
      found = i32(f);
      splitEdge = i32(bin);
      splitGradient = f64x2.extract_lane(left, 0);
      splitHessian = h;
    }
  }
  return found;
}
