// AssemblyScript: src/heads/trees/class-splits.ts where thresholds are drawn, by Gini impurity, every row weighing 1.

import {
  binsAt,
  classCount,
  eightAt,
  mostBins,
  nodeCodesAt,
  nodeCountsAt,
  nodePairsAt,
  nodeTopsAt,
  onLeftAt,
  rowCount,
  topsAt,
  totalsAt,
} from "./memory";
import { n, rows, squares, weight } from "./node-rows";
import { draw } from "./random";
import { CONSTANT, found, NONE, SPLIT } from "./thresholds";

let rowsLeft: i32 = 0;
let weightLeft: i32 = 0;
let leftSquares: f64 = 0;
let rightSquares: f64 = 0;

/** The threshold that `findDrawn` drew last: the feature's tops, extremes in the node, the largest top on the left. */
let tops: usize = 0;
let low: f32 = 0;
let high: f32 = 0;
let limit: f32 = 0;

/** What one threshold on a feature, drawn between the node's extremes, divides. Rows stand for the tops of their bins. */
export function findDrawn(feature: i32, minRows: i32): i32 {
  const column = binsAt + usize(feature) * rowCount;
  tops = topsAt + ((usize(feature) * mostBins) << 2);
  for (let k = 0; k < n; k++) {
    const bin = usize(load<u8>(column + load<i32>(rows + (k << 2))));
    store<f32>(nodeTopsAt + (k << 2), load<f32>(tops + (bin << 2)));
  }
  if (!takeExtremes()) return CONSTANT;
  const drawn = f64(low) + draw() * (f64(high) - f64(low));
  // In float32, what is at most `limit` is at most the number drawn, and below the highest top.
  limit = f32(drawn);
  if (f64(limit) > drawn || limit >= high) limit = below(limit);
  if (classCount === 2 && weight < 32768) dividePairs();
  else if (eightAt !== 0 && weight < 32768) divideEight();
  else divideClasses();
  if (rowsLeft < minRows || n - rowsLeft < minRows) return NONE;
  const left = f64(weightLeft);
  const right = f64(weight - weightLeft);
  found((leftSquares * right + rightSquares * left) / (left * right));
  return SPLIT;
}

/** The lowest and the highest top of the node; returns whether they differ. */
function takeExtremes(): bool {
  const end = nodeTopsAt + (usize(n) << 2);
  v128.store(end, f32x4.splat(load<f32>(nodeTopsAt)));
  let lowest = v128.load(nodeTopsAt);
  let highest = lowest;
  for (let at = nodeTopsAt + 16; at < end; at += 16) {
    const four = v128.load(at);
    lowest = f32x4.pmin(lowest, four);
    highest = f32x4.pmax(highest, four);
  }
  lowest = f32x4.pmin(lowest, v128.shuffle<f32>(lowest, lowest, 2, 3, 0, 1));
  highest = f32x4.pmax(highest, v128.shuffle<f32>(highest, highest, 2, 3, 0, 1));
  low = min(f32x4.extract_lane(lowest, 0), f32x4.extract_lane(lowest, 1));
  high = max(f32x4.extract_lane(highest, 0), f32x4.extract_lane(highest, 1));
  return low < high;
}

/** The next smaller float32. */
function below(x: f32): f32 {
  if (x === 0) return reinterpret<f32>(0x80000001);
  const bits = reinterpret<i32>(x);
  return reinterpret<f32>(x > 0 ? bits - 1 : bits + 1);
}

/** The bin that the last threshold comes after: the last of the feature's whose top is at most `limit`. */
export function drawnEdge(): i32 {
  let first = 0;
  let last = mostBins - 1;
  while (first < last) {
    const middle = (first + last + 1) >> 1;
    if (load<f32>(tops + (middle << 2)) <= limit) first = middle;
    else last = middle - 1;
  }
  return first;
}

/** Two classes and weights below 2^15: both are counted in one number. */
function dividePairs(): void {
  let pairs: i32 = 0;
  rowsLeft = 0;
  for (let k = 0; k < n; k++) {
    const goesLeft = i32(load<f32>(nodeTopsAt + (k << 2)) <= limit);
    pairs += load<i32>(nodePairsAt + (k << 2)) & -goesLeft;
    rowsLeft += goesLeft;
  }
  weightLeft = 0;
  leftSquares = 0;
  rightSquares = squares;
  take(pairs & 0xffff, load<i32>(totalsAt));
  take(pairs >>> 16, load<i32>(totalsAt, 4));
}

/** At most eight classes and weights below 2^15: a row is a vector of eight counts, all zero but its class's. */
function divideEight(): void {
  let left = i16x8.splat(0);
  rowsLeft = 0;
  for (let k = 0; k < n; k++) {
    const goesLeft = i32(load<f32>(nodeTopsAt + (k << 2)) <= limit);
    const row = eightAt + (usize(k) << 4);
    left = i16x8.add(left, v128.and(v128.load(row), i16x8.splat(i16(-goesLeft))));
    rowsLeft += goesLeft;
  }
  const all = i16x8.narrow_i32x4_s(v128.load(totalsAt), v128.load(totalsAt, 16));
  const right = i16x8.sub(all, left);
  weightLeft = sumOf(i32x4.dot_i16x8_s(left, i16x8.splat(1)));
  leftSquares = f64(sumOf(i32x4.dot_i16x8_s(left, left)));
  rightSquares = f64(sumOf(i32x4.dot_i16x8_s(right, right)));
}

function sumOf(four: v128): i32 {
  const half = i32x4.add(four, v128.shuffle<i32>(four, four, 2, 3, 0, 1));
  return i32x4.extract_lane(half, 0) + i32x4.extract_lane(half, 1);
}

function divideClasses(): void {
  rowsLeft = 0;
  for (let k = 0; k < n; k++) {
    const goesLeft = i32(load<f32>(nodeTopsAt + (k << 2)) <= limit);
    const at = onLeftAt + (usize(load<i32>(nodeCodesAt + (k << 2))) << 2);
    store<i32>(at, load<i32>(at) + (load<i32>(nodeCountsAt + (k << 2)) & -goesLeft));
    rowsLeft += goesLeft;
  }
  weightLeft = 0;
  leftSquares = 0;
  rightSquares = squares;
  if (classCount <= n) for (let code: usize = 0; code < usize(classCount) << 2; code += 4) takeClass(code);
  else for (let k = 0; k < n; k++) takeClass(usize(load<i32>(nodeCodesAt + (k << 2))) << 2);
}

/** Empties a class's counter; a second time it adds nothing. */
function takeClass(code: usize): void {
  take(load<i32>(onLeftAt + code), load<i32>(totalsAt + code));
  store<i32>(onLeftAt + code, 0);
}

/** Moves a class's weight on the left there; sums of whole numbers, exact in any order. */
function take(onLeft: i32, total: i32): void {
  weightLeft += onLeft;
  leftSquares += f64(onLeft) * f64(onLeft);
  rightSquares -= f64(onLeft) * (2 * f64(total) - f64(onLeft));
}
