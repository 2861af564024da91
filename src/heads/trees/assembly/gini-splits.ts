// AssemblyScript: src/heads/trees/class-splits.ts for Gini impurity where every row weighs 1: weights are then whole
// numbers, sums of their squares are exact in any order, and the same split is found.

import { findInFew } from "./few-rows";
import {
  binsAt,
  classCount,
  edgesAt,
  FEW,
  histogramAt,
  keysAt,
  lanes,
  leftSquaresAt,
  leftWeightsAt,
  MAX_BINS,
  nodeBinsAt,
  nodeCodesAt,
  nodeCountsAt,
  nodePairsAt,
  occupiedAt,
  onLeftAt,
  rightSquaresAt,
  rowCount,
  rowsOfBinAt,
  totalsAt,
} from "./memory";
import { allowed, countRows, emptyLeft, n, rows, squares, takeRows, weight } from "./node-rows";
import { bestNoted, CONSTANT, edge, forget, NEVER, NONE, note, offer, SPLIT } from "./thresholds";

/** Looks for the best split on a feature. */
export function find(feature: i32, minRows: i32): i32 {
  const column = binsAt + usize(feature) * rowCount;
  const bins = nodeBinsAt;
  for (let k = 0; k < n; k++) store<u8>(bins + k, load<u8>(column + load<i32>(rows + (k << 2))));
  forget();
  const light = weight < 32768;
  if (n <= FEW && light) return findInFew(bins, minRows);
  if (classCount === 2 && light) return findInPairs(bins, minRows);
  if (lanes === 8 && light) return findInBins(bins, minRows);
  const perBin = lanes >> 3;
  if (perBin * min(n, MAX_BINS) <= n << 1) return findInManyBins(bins, minRows);
  return findInSorted(bins, minRows);
}

/** Which of sixteen pairs of counters are not both zero: a bit a pair. */
function occupiedPairs(at: usize): i32 {
  const zero = i32x4.splat(0);
  const low = i16x8.narrow_i32x4_s(i32x4.ne(v128.load(at), zero), i32x4.ne(v128.load(at, 16), zero));
  const high = i16x8.narrow_i32x4_s(i32x4.ne(v128.load(at, 32), zero), i32x4.ne(v128.load(at, 48), zero));
  return i8x16.bitmask(i8x16.narrow_i16x8_s(low, high));
}

/** Two classes and weights below 2^15: a bin is two counters. */
function findInPairs(bins: usize, minRows: i32): i32 {
  for (let k = 0; k < n; k++) {
    const bin = usize(load<u8>(bins + k));
    const at = histogramAt + (bin << 2);
    store<u32>(at, load<u32>(at) + load<u32>(nodePairsAt + (k << 2)));
  }
  if (minRows > 1) countRows(bins);
  const total0 = load<i32>(totalsAt);
  const total1 = load<i32>(totalsAt, 4);
  let left0: i32 = 0;
  let left1: i32 = 0;
  let rowsLeft: i32 = 0;
  let last: i32 = 0;
  let at: usize = 0;
  for (let from: i32 = 0; from < MAX_BINS; from += 16) {
    let mask = occupiedPairs(histogramAt + (from << 2));
    while (mask !== 0) {
      const bin = from + ctz(mask);
      mask &= mask - 1;
      store<i32>(edgesAt + at - 4, (last + bin - 1) >> 1);
      last = bin;
      const counts = load<u32>(histogramAt + (bin << 2));
      store<u32>(histogramAt + (bin << 2), 0);
      left0 += i32(counts & 0xffff);
      left1 += i32(counts >> 16);
      const right0 = total0 - left0;
      const right1 = total1 - left1;
      note(at, left0 * left0 + left1 * left1, right0 * right0 + right1 * right1, left0 + left1);
      if (minRows > 1) {
        rowsLeft += takeRows(bin);
        if (rowsLeft < minRows || n - rowsLeft < minRows) note(at, NEVER, NEVER, 1);
      }
      at += 4;
    }
  }
  return at === 4 ? CONSTANT : bestNoted(at - 4, weight);
}

/** At most eight classes and weights below 2^15: a bin is one vector of eight counters. */
function findInBins(bins: usize, minRows: i32): i32 {
  for (let k = 0; k < n; k++) {
    const bin = usize(load<u8>(bins + k));
    store<u8>(occupiedAt + bin, 0xff);
    const at = histogramAt + (bin << 4) + (load<i32>(nodeCodesAt + (k << 2)) << 1);
    store<u16>(at, load<u16>(at) + u16(load<i32>(nodeCountsAt + (k << 2))));
  }
  if (minRows > 1) countRows(bins);
  const totals = i16x8.narrow_i32x4_s(v128.load(totalsAt), v128.load(totalsAt, 16));
  const ones = i16x8.splat(1);
  const zero = i16x8.splat(0);
  let left = zero;
  let rowsLeft: i32 = 0;
  let last: i32 = 0;
  let at: usize = 0;
  for (let from: i32 = 0; from < MAX_BINS; from += 16) {
    let mask = i8x16.bitmask(v128.load(occupiedAt + from));
    v128.store(occupiedAt + from, zero);
    while (mask !== 0) {
      const bin = from + ctz(mask);
      mask &= mask - 1;
      store<i32>(edgesAt + at - 4, (last + bin - 1) >> 1);
      last = bin;
      const counts = histogramAt + (bin << 4);
      left = i16x8.add(left, v128.load(counts));
      v128.store(counts, zero);
      const right = i16x8.sub(totals, left);
      const leftDots = i32x4.dot_i16x8_s(left, left);
      const rightDots = i32x4.dot_i16x8_s(right, right);
      const sums = i32x4.dot_i16x8_s(left, ones);
      // Halves, then quarters added: left squares, right squares, left weight.
      const squared = i32x4.add(
        v128.shuffle<i32>(leftDots, rightDots, 0, 1, 4, 5),
        v128.shuffle<i32>(leftDots, rightDots, 2, 3, 6, 7),
      );
      const half = i32x4.add(sums, v128.shuffle<i32>(sums, sums, 2, 3, 0, 1));
      const all = i32x4.add(
        v128.shuffle<i32>(squared, half, 0, 2, 4, 4),
        v128.shuffle<i32>(squared, half, 1, 3, 5, 5),
      );
      v128.store32_lane(leftSquaresAt + at, all, 0);
      v128.store32_lane(rightSquaresAt + at, all, 1);
      v128.store32_lane(leftWeightsAt + at, all, 2);
      if (minRows > 1) {
        rowsLeft += takeRows(bin);
        if (rowsLeft < minRows || n - rowsLeft < minRows) note(at, NEVER, NEVER, 1);
      }
      at += 4;
    }
  }
  return at === 4 ? CONSTANT : bestNoted(at - 4, weight);
}

/** Any number of classes: a bin is a row of counters. */
function findInManyBins(bins: usize, minRows: i32): i32 {
  const bytes = usize(lanes) << 2;
  const used = usize(classCount) << 2;
  for (let k = 0; k < n; k++) {
    const bin = usize(load<u8>(bins + k));
    store<u8>(occupiedAt + bin, 0xff);
    const at = histogramAt + bin * bytes + (load<i32>(nodeCodesAt + (k << 2)) << 2);
    store<i32>(at, load<i32>(at) + load<i32>(nodeCountsAt + (k << 2)));
  }
  if (minRows > 1) countRows(bins);
  const zero = i32x4.splat(0);
  let last: i32 = -1;
  let rowsLeft: i32 = 0;
  let onLeft: i32 = 0;
  let leftSquares: f64 = 0;
  let rightSquares = squares;
  let varies = false;
  for (let from: i32 = 0; from < MAX_BINS; from += 16) {
    let mask = i8x16.bitmask(v128.load(occupiedAt + from));
    v128.store(occupiedAt + from, zero);
    while (mask !== 0) {
      const bin = from + ctz(mask);
      mask &= mask - 1;
      if (last >= 0) {
        varies = true;
        if (allowed(rowsLeft, minRows)) {
          const leftWeight = f64(onLeft);
          const rightWeight = f64(weight - onLeft);
          offer(
            (leftSquares * rightWeight + rightSquares * leftWeight) / (leftWeight * rightWeight),
            last,
            bin,
          );
        }
      }
      last = bin;
      const base = histogramAt + usize(bin) * bytes;
      for (let code: usize = 0; code < used; code += 4) {
        const count = load<i32>(base + code);
        if (count === 0) continue;
        store<i32>(base + code, 0);
        const left = load<i32>(onLeftAt + code);
        const right = load<i32>(totalsAt + code) - left;
        store<i32>(onLeftAt + code, left + count);
        leftSquares += f64(count) * (2 * f64(left) + f64(count));
        rightSquares -= f64(count) * (2 * f64(right) - f64(count));
        onLeft += count;
      }
      if (minRows > 1) rowsLeft += takeRows(bin);
    }
  }
  emptyLeft();
  return varies ? (edge >= 0 ? SPLIT : NONE) : CONSTANT;
}

/** More counters than rows: the rows are sorted by counting and moved one by one. */
function findInSorted(bins: usize, minRows: i32): i32 {
  countRows(bins);
  let sum: i32 = 0;
  for (let bin: i32 = 0; bin < MAX_BINS; bin++) {
    const count = takeRows(bin);
    store<i32>(rowsOfBinAt + (bin << 2), sum);
    sum += count;
  }
  for (let k = 0; k < n; k++) {
    const bin = i32(load<u8>(bins + k));
    const at = rowsOfBinAt + (bin << 2);
    const to = load<i32>(at);
    store<i32>(at, to + 1);
    store<u32>(keysAt + (to << 2), (u32(bin) << 24) | u32(k));
  }
  memory.fill(rowsOfBinAt, 0, MAX_BINS << 2);
  if (load<u32>(keysAt) >> 24 === load<u32>(keysAt + ((n - 1) << 2)) >> 24) return CONSTANT;
  let onLeft: i32 = 0;
  let leftSquares: f64 = 0;
  let rightSquares = squares;
  const last = n - minRows;
  for (let k = 0; k < last; k++) {
    const key = load<u32>(keysAt + (k << 2));
    const at = (key & 0xffffff) << 2;
    const code = usize(load<i32>(nodeCodesAt + at)) << 2;
    const count = load<i32>(nodeCountsAt + at);
    const left = load<i32>(onLeftAt + code);
    const right = load<i32>(totalsAt + code) - left;
    store<i32>(onLeftAt + code, left + count);
    leftSquares += f64(count) * (2 * f64(left) + f64(count));
    rightSquares -= f64(count) * (2 * f64(right) - f64(count));
    onLeft += count;
    const bin = i32(key >> 24);
    const next = i32(load<u32>(keysAt + ((k + 1) << 2)) >> 24);
    if (bin === next || k + 1 < minRows) continue;
    const leftWeight = f64(onLeft);
    const rightWeight = f64(weight - onLeft);
    offer((leftSquares * rightWeight + rightSquares * leftWeight) / (leftWeight * rightWeight), bin, next);
  }
  emptyLeft();
  return edge >= 0 ? SPLIT : NONE;
}
