// AssemblyScript: the best of a feature's thresholds.

import { edgesAt, leftSquaresAt, leftWeightsAt, rightSquaresAt } from "./memory";

/** What a feature offers: no more than one bin, a split, or none that is allowed. */
export const CONSTANT: i32 = 0;
export const SPLIT: i32 = 1;
export const NONE: i32 = 2;

/** What no threshold's squares add up to. */
export const NEVER: i32 = -(1 << 30);

/** The last split found. */
export let edge: i32 = -1;
export let gain: f64 = 0;

/** No split is known any more. */
export function forget(): void {
  edge = -1;
  gain = -Infinity;
}

/** Takes a threshold between two bins if it is the best. */
export function offer(value: f64, low: i32, high: i32): void {
  if (value > gain) {
    gain = value;
    edge = (low + high - 1) >> 1;
  }
}

/** Takes what was found otherwise for the gain of the last split, whose edge is not known yet. */
export function found(value: f64): void {
  gain = value;
}

/** Writes down what a threshold divides: sums of squared class weights on either side, and the weight on the left. */
export function note(at: usize, leftSquares: i32, rightSquares: i32, leftWeight: i32): void {
  store<i32>(leftSquaresAt + at, leftSquares);
  store<i32>(rightSquaresAt + at, rightSquares);
  store<i32>(leftWeightsAt + at, leftWeight);
}

/** The first of the best thresholds noted before `end`, two at a time. */
export function bestNoted(end: usize, all: i32): i32 {
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
