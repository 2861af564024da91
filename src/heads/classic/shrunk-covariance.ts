import type { ComputeControl } from "../../linalg/compute-control.js";
import type { Matrix } from "../../linalg/matrix.js";
import {
  columnGram,
  rowGram,
  type ShiftedRows,
  timesMatrix,
  transposeTimesMatrix,
} from "../../linalg/shifted-rows.js";
import { pseudoSolve, solveSemidefinite } from "../../linalg/solve-semidefinite.js";
import type { Labels } from "../classifier.js";
import { countClasses } from "../labels.js";
import { classVariances } from "./class-moments.js";
import { ledoitWolfShrinkage } from "./ledoit-wolf.js";

/** A covariance as S^T S plus a diagonal, so that it need not be formed where there are fewer rows than columns. */
export interface ShrunkCovariance {
  readonly S: ShiftedRows;
  /** One a column; either all 0 or all above. */
  readonly diagonal: Float64Array;
}

/**
 * The mean of the classes' covariances by their priors, each drawn towards its target first: `auto` standardises the
 * features within the class and draws to the identity there, a number to the mean variance of the class.
 * @param problem - `means`: `[classes, dim]`; `priors`: one a class.
 */
export async function shrunkCovariance(
  problem: {
    readonly X: Matrix;
    readonly y: Labels;
    readonly means: Matrix<Float64Array>;
    readonly priors: Float64Array;
    readonly shrinkage: "none" | "auto" | number;
  },
  control: ComputeControl = {},
): Promise<ShrunkCovariance> {
  const { X, y, means, priors, shrinkage } = problem;
  const { cols } = X;
  const counts = countClasses(y);
  const factors = new Float64Array(counts.length);
  const diagonal = new Float64Array(cols);
  const centred = { X, centres: means, groups: y.codes };
  const variances = shrinkage === "none" ? null : classVariances(X, y, means);
  const members = shrinkage === "auto" ? rowsByClass(y, counts) : null;
  for (let c = 0; c < counts.length; c++) {
    let share = typeof shrinkage === "number" ? shrinkage : 0;
    const spread = variances?.data.subarray(c * cols, (c + 1) * cols);
    if (spread !== undefined && members !== null) {
      const squares = spread.map((variance) => (variance > 0 ? variance : 1));
      const columnScale = squares.map((square) => 1 / Math.sqrt(square));
      share = await ledoitWolfShrinkage(
        { ...centred, rows: members[c]!, rowScale: null, columnScale },
        control,
      );
      const varying = spread.reduce((count, variance) => count + Number(variance > 0), 0);
      for (let j = 0; j < cols; j++) diagonal[j]! += (priors[c]! * share * squares[j]! * varying) / cols;
    } else if (spread !== undefined) {
      const level = spread.reduce((sum, variance) => sum + variance, 0) / cols;
      for (let j = 0; j < cols; j++) diagonal[j]! += priors[c]! * share * level;
    }
    factors[c] = Math.sqrt((priors[c]! * (1 - share)) / counts[c]!);
  }
  const rowScale = Float64Array.from(y.codes, (code) => factors[code]!);
  return { S: { ...centred, rows: null, rowScale, columnScale: null }, diagonal };
}

/** The solution of covariance · W = B, of least length where it is singular; `[dim, m]`. */
export async function solveCovariance(
  { S, diagonal }: ShrunkCovariance,
  B: Matrix<Float64Array>,
  control: ComputeControl = {},
): Promise<Matrix<Float64Array>> {
  const { rows, cols } = S.X;
  if (rows >= cols) {
    const covariance = await columnGram(S, control);
    for (let j = 0; j < cols; j++) covariance.data[j * cols + j]! += diagonal[j]!;
    return solveSemidefinite(covariance, B, control);
  }
  if (!diagonal.every((value) => value > 0)) {
    // (S^T S)^+ B = S^T ((S S^T)^+)^2 S B.
    const inner = await pseudoSolve(await rowGram(S, control), await timesMatrix(S, B, control), 2, control);
    return transposeTimesMatrix(S, inner, control);
  }
  // With T = S D^-1/2 and C = D^-1/2 B: D^-1/2 (C - T^T (I + T T^T)^-1 T C), by Woodbury.
  const columnScale = diagonal.map((value) => 1 / Math.sqrt(value));
  const T: ShiftedRows = { ...S, columnScale };
  const C = scaleRows(B, columnScale);
  const system = await rowGram(T, control);
  for (let i = 0; i < rows; i++) system.data[i * rows + i]! += 1;
  const right = await timesMatrix(T, C, control);
  const inner = await solveSemidefinite(system, right, control);
  const taken = await transposeTimesMatrix(T, inner, control);
  for (let k = 0; k < C.data.length; k++) C.data[k]! -= taken.data[k]!;
  return scaleRows(C, columnScale);
}

/** Each row j of B times `factors[j]`. */
function scaleRows(B: Matrix<Float64Array>, factors: Float64Array): Matrix<Float64Array> {
  return { ...B, data: B.data.map((value, k) => value * factors[Math.floor(k / B.cols)]!) };
}

function rowsByClass(y: Labels, counts: Int32Array): Int32Array[] {
  const members = Array.from(counts, (count) => new Int32Array(count));
  const next = new Int32Array(counts.length);
  y.codes.forEach((code, i) => {
    members[code]![next[code]!++] = i;
  });
  return members;
}
