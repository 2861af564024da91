import { z } from "zod";
import { type Matrix, zeros } from "../../linalg/matrix.js";
import { columnGram, rowGram, type ShiftedRows, transposeTimesMatrix } from "../../linalg/shifted-rows.js";
import { solveSemidefinite } from "../../linalg/solve-semidefinite.js";
import { checkTrainingData } from "../check-training-data.js";
import type { Classifier, FitControl, FittedClassifier, Labels } from "../classifier.js";
import { classMultipliers } from "../labels.js";
import { fittedLinear } from "../linear/fitted-linear.js";
import { dot } from "../linear/linear-model.js";
import { classWeightOption, parseOptions } from "../parse-options.js";

const ID = "ridge.v1";

export const ridgeOptions = z.strictObject({
  alpha: z.number().nonnegative().default(1).describe("L2 penalty of the weights; 0 for plain least squares"),
  fitIntercept: z.boolean().default(true).describe("Learn intercepts, which are not penalised"),
  classWeight: classWeightOption,
});

export type RidgeOptions = z.output<typeof ridgeOptions>;

/**
 * Ridge regression onto +1 for a class and -1 for the others; the largest value is the label.
 *
 * Solved exactly: by the normal equations where there are at least as many rows as columns, else by those of the
 * rows (the dual). Without a penalty, on columns that depend on each other, the shortest solution is taken.
 * @throws {HeadstartError} `usage` for an option that is unknown or out of range.
 * @see Hoerl & Kennard, Technometrics 12, 1970; the same optimum as scikit-learn's RidgeClassifier.
 */
export function ridge(options: z.input<typeof ridgeOptions> = {}): Classifier<RidgeOptions> {
  const resolved = parseOptions("ridge", ridgeOptions, options);
  return Object.freeze({
    id: ID,
    options: resolved,
    fit: (X: Matrix, y: Labels, control: FitControl = {}) => train(resolved, X, y, control),
  });
}

async function train(
  options: RidgeOptions,
  X: Matrix,
  y: Labels,
  control: FitControl,
): Promise<FittedClassifier> {
  checkTrainingData(X, y);
  const { rows, cols } = X;
  const planes = y.classes.length === 2 ? 1 : y.classes.length;
  const multipliers = classMultipliers(y, options.classWeight);
  const rowWeights = Float64Array.from(y.codes, (code) => multipliers[code]!);
  const rowScale = rowWeights.map(Math.sqrt);
  const targets = targetsOf(y, planes);
  const centre = options.fitIntercept ? weightedMeans(X, rowWeights) : zeros(1, cols);
  const level = options.fitIntercept ? weightedMeans(targets, rowWeights) : zeros(1, planes);
  for (let i = 0, k = 0; i < rows; i++) {
    for (let c = 0; c < planes; c++, k++)
      targets.data[k] = (targets.data[k]! - level.data[c]!) * rowScale[i]!;
  }
  const shifted: ShiftedRows = { X, rows: null, centres: centre, groups: null, rowScale, columnScale: null };
  const dual = rows < cols;
  const system = dual ? await rowGram(shifted, control) : await columnGram(shifted, control);
  for (let j = 0; j < system.rows; j++) system.data[j * system.rows + j]! += options.alpha;
  const solution = dual
    ? await transposeTimesMatrix(shifted, await solveSemidefinite(system, targets, control), control)
    : await solveSemidefinite(system, await transposeTimesMatrix(shifted, targets, control), control);
  const weights = zeros(planes, cols);
  for (let j = 0; j < cols; j++) {
    for (let c = 0; c < planes; c++) weights.data[c * cols + j] = solution.data[j * planes + c]!;
  }
  const intercepts = level.data.map((value, c) => value - dot(centre.data, 0, weights.data, c * cols, cols));
  return fittedLinear({
    id: ID,
    options,
    classes: y.classes,
    convergence: null,
    model: { weights, intercepts },
    probabilities: false,
  });
}

/** `[n, planes]`: 1 where a row is of the plane's class (the second of two), else -1. */
function targetsOf(y: Labels, planes: number): Matrix<Float64Array> {
  const targets = zeros(y.codes.length, planes);
  targets.data.fill(-1);
  y.codes.forEach((code, i) => {
    if (planes > 1) targets.data[i * planes + code] = 1;
    else if (code === 1) targets.data[i] = 1;
  });
  return targets;
}

/** `[1, cols]`. */
function weightedMeans(X: Matrix, rowWeights: Float64Array): Matrix<Float64Array> {
  const means = zeros(1, X.cols);
  for (let i = 0, k = 0; i < X.rows; i++) {
    for (let j = 0; j < X.cols; j++) means.data[j]! += rowWeights[i]! * X.data[k++]!;
  }
  const total = rowWeights.reduce((sum, weight) => sum + weight, 0);
  for (let j = 0; j < X.cols; j++) means.data[j]! /= total;
  return means;
}
