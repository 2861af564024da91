// AssemblyScript: src/heads/trees/class-splits.ts for Gini impurity where every row weighs 1: weights are then whole
// numbers, sums of their squares are exact in any order, and the same split is found.

import {
  binsAt,
  classCount,
  codesAt,
  countsAt,
  FEW,
  histogramAt,
  keysAt,
  lanes,
  MAX_BINS,
  nodeCodesAt,
  nodeCountsAt,
  occupiedAt,
  onLeftAt,
  rowCount,
  rowsOfBinAt,
  shortKeysAt,
  sortedKeysAt,
  totalsAt,
} from "./memory";

/** What a feature offers: no more than one bin, a split, or none that is allowed. */
export const CONSTANT: i32 = 0;
export const SPLIT: i32 = 1;
export const NONE: i32 = 2;

/** The last split found. */
export let edge: i32 = -1;
export let gain: f64 = 0;

/** The node at hand: its rows, how many, their weight, the sum of the squares of its class weights. */
let rows: usize = 0;
let n: i32 = 0;
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
    const total = totalsAt + (usize(code) << 2);
    const before = load<i32>(total);
    store<i32>(total, before + count);
    squares += f64(count) * f64(2 * before + count);
    weight += count;
    mixed |= code ^ firstCode;
  }
  return mixed !== 0;
}

/** Looks for the best split on a feature. */
export function find(feature: i32, minRows: i32): i32 {
  const bins = binsAt + usize(feature) * rowCount;
  edge = -1;
  gain = -Infinity;
  if (n <= FEW) return findInFew(bins, minRows);
  const perBin = lanes >> 3;
  if (lanes === 8 && weight < 32768) return findInBins(bins, minRows);
  if (perBin * min(n, MAX_BINS) <= n << 1) return findInManyBins(bins, minRows);
  return findInSorted(bins, minRows);
}

function offer(value: f64, low: i32, high: i32): void {
  if (value > gain) {
    gain = value;
    edge = (low + high - 1) >> 1;
  }
}

/** All rows sorted by bin: a key's rank is the number of keys below it, counted for sixteen keys at once. */
function findInFew(bins: usize, minRows: i32): i32 {
  let lowest = 255;
  let highest = 0;
  for (let k = 0; k < n; k++) {
    const bin = i32(load<u8>(bins + load<i32>(rows + (k << 2))));
    store<u16>(shortKeysAt + (k << 1), u16((bin << 6) | k));
    lowest = min(lowest, bin);
    highest = max(highest, bin);
  }
  if (lowest === highest) return CONSTANT;
  const padding = i16x8.splat(0x7fff);
  v128.store(shortKeysAt + (n << 1), padding);
  v128.store(shortKeysAt + (n << 1), padding, 16);
  const all = shortKeysAt + (n << 1);
  for (let from: i32 = 0; from < n; from += 16) {
    const own0 = v128.load(shortKeysAt + (from << 1));
    const own1 = v128.load(shortKeysAt + (from << 1), 16);
    let ranks0 = i16x8.splat(0);
    let ranks1 = i16x8.splat(0);
    for (let other = shortKeysAt; other < all; other += 2) {
      const key = v128.load16_splat(other);
      ranks0 = i16x8.sub(ranks0, i16x8.gt_s(own0, key));
      ranks1 = i16x8.sub(ranks1, i16x8.gt_s(own1, key));
    }
    place(ranks0, own0);
    if (from + 8 < n) place(ranks1, own1);
  }
  return scanShort(minRows);
}

function place(ranks: v128, keys: v128): void {
  const byte = i16x8.shl(ranks, 1);
  store<u16>(sortedKeysAt + i16x8.extract_lane_u(byte, 0), i16x8.extract_lane_u(keys, 0));
  store<u16>(sortedKeysAt + i16x8.extract_lane_u(byte, 1), i16x8.extract_lane_u(keys, 1));
  store<u16>(sortedKeysAt + i16x8.extract_lane_u(byte, 2), i16x8.extract_lane_u(keys, 2));
  store<u16>(sortedKeysAt + i16x8.extract_lane_u(byte, 3), i16x8.extract_lane_u(keys, 3));
  store<u16>(sortedKeysAt + i16x8.extract_lane_u(byte, 4), i16x8.extract_lane_u(keys, 4));
  store<u16>(sortedKeysAt + i16x8.extract_lane_u(byte, 5), i16x8.extract_lane_u(keys, 5));
  store<u16>(sortedKeysAt + i16x8.extract_lane_u(byte, 6), i16x8.extract_lane_u(keys, 6));
  store<u16>(sortedKeysAt + i16x8.extract_lane_u(byte, 7), i16x8.extract_lane_u(keys, 7));
}

/** Moves the sorted rows one by one to the left. */
function scanShort(minRows: i32): i32 {
  let onLeft: i32 = 0;
  let leftSquares: f64 = 0;
  let rightSquares = squares;
  const last = n - minRows;
  let key = i32(load<u16>(sortedKeysAt));
  for (let k = 0; k < last; k++) {
    const at = (key & 63) << 2;
    const code = usize(load<i32>(nodeCodesAt + at)) << 2;
    const count = load<i32>(nodeCountsAt + at);
    const left = load<i32>(onLeftAt + code);
    const right = load<i32>(totalsAt + code) - left;
    store<i32>(onLeftAt + code, left + count);
    leftSquares += f64(count * (2 * left + count));
    rightSquares -= f64(count * (2 * right - count));
    onLeft += count;
    const next = i32(load<u16>(sortedKeysAt + ((k + 1) << 1)));
    const bin = key >> 6;
    const nextBin = next >> 6;
    key = next;
    if (bin === nextBin || k + 1 < minRows) continue;
    const leftWeight = f64(onLeft);
    const rightWeight = f64(weight - onLeft);
    offer((leftSquares * rightWeight + rightSquares * leftWeight) / (leftWeight * rightWeight), bin, nextBin);
  }
  emptyLeft();
  return edge >= 0 ? SPLIT : NONE;
}

function emptyLeft(): void {
  if (classCount <= n) memory.fill(onLeftAt, 0, usize(classCount) << 2);
  else for (let k = 0; k < n; k++) store<i32>(onLeftAt + (usize(load<i32>(nodeCodesAt + (k << 2))) << 2), 0);
}

function countRows(bins: usize): void {
  for (let k = 0; k < n; k++) {
    const at = rowsOfBinAt + (usize(load<u8>(bins + load<i32>(rows + (k << 2)))) << 2);
    store<i32>(at, load<i32>(at) + 1);
  }
}

function takeRows(bin: i32): i32 {
  const at = rowsOfBinAt + (bin << 2);
  const count = load<i32>(at);
  store<i32>(at, 0);
  return count;
}

/** Whether both sides are large enough; with one row a leaf, between two occupied bins they always are. */
function allowed(rowsLeft: i32, minRows: i32): bool {
  return minRows === 1 || (rowsLeft >= minRows && n - rowsLeft >= minRows);
}

/** At most eight classes and weights below 2^15: a bin is one vector of eight counters. */
function findInBins(bins: usize, minRows: i32): i32 {
  for (let k = 0; k < n; k++) {
    const bin = usize(load<u8>(bins + load<i32>(rows + (k << 2))));
    store<u8>(occupiedAt + bin, 0xff);
    const at = histogramAt + (bin << 4) + (load<i32>(nodeCodesAt + (k << 2)) << 1);
    store<u16>(at, load<u16>(at) + u16(load<i32>(nodeCountsAt + (k << 2))));
  }
  if (minRows > 1) countRows(bins);
  const totals = i16x8.narrow_i32x4_s(v128.load(totalsAt), v128.load(totalsAt, 16));
  const ones = i16x8.splat(1);
  const zero = i16x8.splat(0);
  let left = zero;
  let last: i32 = -1;
  let rowsLeft: i32 = 0;
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
          const right = i16x8.sub(totals, left);
          const leftDots = i32x4.dot_i16x8_s(left, left);
          const rightDots = i32x4.dot_i16x8_s(right, right);
          const leftSums = i32x4.dot_i16x8_s(left, ones);
          // Sums of neighbours: left squares, right squares and left weight, each in two lanes.
          const pairs = i32x4.add(
            v128.shuffle<i32>(leftDots, rightDots, 0, 4, 1, 5),
            v128.shuffle<i32>(leftDots, rightDots, 2, 6, 3, 7),
          );
          const dots = i32x4.add(pairs, v128.shuffle<i32>(pairs, pairs, 2, 3, 0, 1));
          const half = i32x4.add(leftSums, v128.shuffle<i32>(leftSums, leftSums, 2, 3, 0, 1));
          const onLeft = i32x4.extract_lane(half, 0) + i32x4.extract_lane(half, 1);
          const leftWeight = f64(onLeft);
          const rightWeight = f64(weight - onLeft);
          const leftSquares = f64(i32x4.extract_lane(dots, 0));
          const rightSquares = f64(i32x4.extract_lane(dots, 1));
          offer(
            (leftSquares * rightWeight + rightSquares * leftWeight) / (leftWeight * rightWeight),
            last,
            bin,
          );
        }
      }
      last = bin;
      const at = histogramAt + (bin << 4);
      left = i16x8.add(left, v128.load(at));
      v128.store(at, zero);
      if (minRows > 1) rowsLeft += takeRows(bin);
    }
  }
  return varies ? (edge >= 0 ? SPLIT : NONE) : CONSTANT;
}

/** Any number of classes: a bin is a row of counters. */
function findInManyBins(bins: usize, minRows: i32): i32 {
  const bytes = usize(lanes) << 2;
  const used = usize(classCount) << 2;
  for (let k = 0; k < n; k++) {
    const bin = usize(load<u8>(bins + load<i32>(rows + (k << 2))));
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
    const bin = i32(load<u8>(bins + load<i32>(rows + (k << 2))));
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
