// AssemblyScript: src/heads/trees/class-splits.ts for Gini impurity where every row weighs 1: weights are then whole
// numbers, sums of their squares are exact in any order, and the same split is found.

import {
  binsAt,
  classCount,
  codesAt,
  countsAt,
  edgesAt,
  eightAt,
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
  shortKeysAt,
  sortedKeysAt,
  totalsAt,
} from "./memory";

/** What a feature offers: no more than one bin, a split, or none that is allowed. */
export const CONSTANT: i32 = 0;
export const SPLIT: i32 = 1;
export const NONE: i32 = 2;

/** What no threshold's squares add up to. */
const NEVER: i32 = -(1 << 30);

/** The last split found. */
export let edge: i32 = -1;
export let gain: f64 = 0;

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

/** Looks for the best split on a feature. */
export function find(feature: i32, minRows: i32): i32 {
  const column = binsAt + usize(feature) * rowCount;
  const bins = nodeBinsAt;
  for (let k = 0; k < n; k++) store<u8>(bins + k, load<u8>(column + load<i32>(rows + (k << 2))));
  edge = -1;
  gain = -Infinity;
  const light = weight < 32768;
  if (n <= FEW && light) return findInFew(bins, minRows);
  if (classCount === 2 && light) return findInPairs(bins, minRows);
  if (lanes === 8 && light) return findInBins(bins, minRows);
  const perBin = lanes >> 3;
  if (perBin * min(n, MAX_BINS) <= n << 1) return findInManyBins(bins, minRows);
  return findInSorted(bins, minRows);
}

/** Takes what was found otherwise for the gain of the last split, whose edge is not known yet. */
export function found(value: f64): void {
  gain = value;
}

function offer(value: f64, low: i32, high: i32): void {
  if (value > gain) {
    gain = value;
    edge = (low + high - 1) >> 1;
  }
}

/** All rows sorted by bin: a key's rank is the number of keys below it, counted for sixteen keys at once. */
function findInFew(bins: usize, minRows: i32): i32 {
  let places = i16x8(0, 1, 2, 3, 4, 5, 6, 7);
  let varies = i16x8.splat(0);
  const first = i16x8.splat(i16(load<u8>(bins)));
  for (let k = 0; k < n; k += 8) {
    const eight = v128.load_ext<u8>(bins + k);
    const keys = v128.or(i16x8.shl(eight, 6), places);
    // Behind the last row, keys above all others.
    const within = i16x8.lt_s(places, i16x8.splat(i16(n)));
    v128.store(shortKeysAt + (k << 1), v128.bitselect(keys, i16x8.splat(0x7fff), within));
    varies = v128.or(varies, v128.and(v128.xor(eight, first), within));
    places = i16x8.add(places, i16x8.splat(8));
  }
  if (!v128.any_true(varies)) return CONSTANT;
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

/** Moves the sorted rows one by one to the left, and notes each threshold between two bins. */
function scanShort(minRows: i32): i32 {
  let onLeft: i32 = 0;
  let leftSquares: i32 = 0;
  let rightSquares = i32(squares);
  let at: usize = 0;
  const last = n - minRows;
  let key = i32(load<u16>(sortedKeysAt));
  for (let k = 0; k < last; k++) {
    const place = (key & 63) << 2;
    const code = usize(load<i32>(nodeCodesAt + place)) << 2;
    const count = load<i32>(nodeCountsAt + place);
    const left = load<i32>(onLeftAt + code);
    const right = load<i32>(totalsAt + code) - left;
    store<i32>(onLeftAt + code, left + count);
    leftSquares += count * (2 * left + count);
    rightSquares -= count * (2 * right - count);
    onLeft += count;
    const next = i32(load<u16>(sortedKeysAt + ((k + 1) << 1)));
    note(at, leftSquares, rightSquares, onLeft);
    store<i32>(edgesAt + at, ((key >> 6) + (next >> 6) - 1) >> 1);
    at += usize(i32(key >> 6 !== next >> 6) & i32(k + 1 >= minRows)) << 2;
    key = next;
  }
  emptyLeft();
  return bestNoted(at, weight);
}

function emptyLeft(): void {
  if (classCount <= n) memory.fill(onLeftAt, 0, usize(classCount) << 2);
  else for (let k = 0; k < n; k++) store<i32>(onLeftAt + (usize(load<i32>(nodeCodesAt + (k << 2))) << 2), 0);
}

function countRows(bins: usize): void {
  for (let k = 0; k < n; k++) {
    const at = rowsOfBinAt + (usize(load<u8>(bins + k)) << 2);
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

/** Writes down what a threshold divides: sums of squared class weights on either side, and the weight on the left. */
function note(at: usize, leftSquares: i32, rightSquares: i32, leftWeight: i32): void {
  store<i32>(leftSquaresAt + at, leftSquares);
  store<i32>(rightSquaresAt + at, rightSquares);
  store<i32>(leftWeightsAt + at, leftWeight);
}

/** The first of the best thresholds noted before `end`, two at a time. */
function bestNoted(end: usize, all: i32): i32 {
  // Where their number is odd, one that is never the best.
  note(end, NEVER, NEVER, 1);
  const total = f64x2.splat(f64(all));
  let best = f64x2.splat(0);
  let bestPlace = i64x2.splat(0);
  let place = i64x2(0, 1);
  for (let at: usize = 0; at < end; at += 8) {
    const leftSquares = f64x2.convert_low_i32x4_s(v128.load64_zero(leftSquaresAt + at));
    const rightSquares = f64x2.convert_low_i32x4_s(v128.load64_zero(rightSquaresAt + at));
    const left = f64x2.convert_low_i32x4_s(v128.load64_zero(leftWeightsAt + at));
    const right = f64x2.sub(total, left);
    const sum = f64x2.add(f64x2.mul(leftSquares, right), f64x2.mul(rightSquares, left));
    const gains = f64x2.div(sum, f64x2.mul(left, right));
    bestPlace = v128.bitselect(place, bestPlace, f64x2.gt(gains, best));
    best = f64x2.pmax(best, gains);
    place = i64x2.add(place, i64x2.splat(2));
  }
  const even = f64x2.extract_lane(best, 0);
  const odd = f64x2.extract_lane(best, 1);
  const evenPlace = i32(i64x2.extract_lane(bestPlace, 0));
  const oddPlace = i32(i64x2.extract_lane(bestPlace, 1));
  gain = max(even, odd);
  if (gain <= 0) return NONE;
  const first = odd > even || (odd === even && oddPlace < evenPlace) ? oddPlace : evenPlace;
  edge = load<i32>(edgesAt + (first << 2));
  return SPLIT;
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
