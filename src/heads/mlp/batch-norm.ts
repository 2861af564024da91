import type { FloatArray } from "../../linalg/matrix.js";
import type { BatchNorm } from "./network.js";

/** Added to each variance, as in PyTorch. */
export const NORM_EPSILON = 1e-5;

/** Weight of the newest batch in the running statistics, as in PyTorch. */
const NEWEST = 0.1;

/**
 * Normalises the units of a layer over the rows of a batch, in place, and updates the running statistics.
 * @param values - `[rows, units]`.
 * @returns 1 / deviation of each unit, in `inverse`.
 * @see Ioffe & Szegedy, "Batch normalization", 2015.
 */
export function normalizeBatch<Data extends FloatArray>(
  norm: BatchNorm<Data>,
  values: Data,
  rows: number,
  inverse: Float64Array,
): void {
  const units = norm.gain.length;
  const means = new Float64Array(units);
  const squares = new Float64Array(units);
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0; j < units; j++, at++) means[j]! += values[at]!;
  }
  for (let j = 0; j < units; j++) means[j]! /= rows;
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0; j < units; j++, at++) {
      const off = values[at]! - means[j]!;
      squares[j]! += off * off;
    }
  }
  for (let j = 0; j < units; j++) {
    inverse[j] = 1 / Math.sqrt(squares[j]! / rows + NORM_EPSILON);
    norm.mean[j]! += NEWEST * (means[j]! - norm.mean[j]!);
    // One row has no variance to tell of.
    if (rows > 1) norm.variance[j]! += NEWEST * (squares[j]! / (rows - 1) - norm.variance[j]!);
  }
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0; j < units; j++, at++) values[at] = (values[at]! - means[j]!) * inverse[j]!;
  }
}

/**
 * Turns the gradient with respect to gain · normal + bias into that of the values before normalising, in place.
 * @param normal - the normalised values, `[rows, units]`.
 * @param biasGradient - sums of `delta` over the rows. @param gainGradient - written to.
 */
export function normalizeBackward<Data extends FloatArray>(
  norm: BatchNorm<Data>,
  delta: Data,
  normal: Data,
  rows: number,
  inverse: Float64Array,
  biasGradient: Data,
  gainGradient: Data,
): void {
  const units = norm.gain.length;
  gainGradient.fill(0);
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0; j < units; j++, at++) gainGradient[j]! += delta[at]! * normal[at]!;
  }
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0; j < units; j++, at++) {
      const centred = delta[at]! - (biasGradient[j]! + normal[at]! * gainGradient[j]!) / rows;
      delta[at] = norm.gain[j]! * inverse[j]! * centred;
    }
  }
}
