import { z } from "zod";
import { type Matrix, zeros } from "../../linalg/matrix.js";
import { checkTrainingData } from "../check-training-data.js";
import type { Classifier, FitControl, FittedClassifier, Labels } from "../classifier.js";
import { fittedLinear } from "../linear/fitted-linear.js";
import { dot, planeBetween } from "../linear/linear-model.js";
import { parseOptions } from "../parse-options.js";
import { classMeans } from "./class-moments.js";
import { classPriors, priorsOption } from "./class-priors.js";
import { shrunkCovariance, solveCovariance } from "./shrunk-covariance.js";

const ID = "lda.v1";

export const ldaOptions = z.strictObject({
  shrinkage: z
    .union([z.literal("none"), z.literal("auto"), z.number().min(0).max(1)])
    .default("auto")
    .describe(
      "How far each class's covariance is drawn to a multiple of the identity: none, auto (Ledoit-Wolf), or 0 to 1",
    ),
  priors: priorsOption,
});

export type LdaOptions = z.output<typeof ldaOptions>;

/**
 * Linear discriminant analysis: normal distributions with one covariance for all classes, the mean of the classes'
 * own (each shrunk) by their priors. Where that is singular, the shortest least-squares solution is taken.
 * @throws {HeadstartError} `usage` for an option that is unknown or out of range.
 * @see Hastie, Tibshirani & Friedman, The Elements of Statistical Learning, 4.3; the same decision values as
 *   scikit-learn's LinearDiscriminantAnalysis with the solver lsqr.
 */
export function lda(options: z.input<typeof ldaOptions> = {}): Classifier<LdaOptions> {
  const resolved = parseOptions("lda", ldaOptions, options);
  return Object.freeze({
    id: ID,
    options: resolved,
    fit: (X: Matrix, y: Labels, control: FitControl = {}) => train(resolved, X, y, control),
  });
}

async function train(
  options: LdaOptions,
  X: Matrix,
  y: Labels,
  control: FitControl,
): Promise<FittedClassifier> {
  checkTrainingData(X, y);
  const { cols } = X;
  const classes = y.classes.length;
  const priors = classPriors(y, options.priors);
  const means = classMeans(X, y);
  const covariance = await shrunkCovariance({ X, y, means, priors, shrinkage: options.shrinkage }, control);
  const upright = zeros(cols, classes);
  for (let c = 0, k = 0; c < classes; c++) {
    for (let j = 0; j < cols; j++, k++) upright.data[j * classes + c] = means.data[k]!;
  }
  const solution = await solveCovariance(covariance, upright, control);
  const weights = zeros(classes, cols);
  for (let j = 0, k = 0; j < cols; j++) {
    for (let c = 0; c < classes; c++) weights.data[c * cols + j] = solution.data[k++]!;
  }
  const intercepts = priors.map(
    (prior, c) => Math.log(prior) - 0.5 * dot(means.data, c * cols, weights.data, c * cols, cols),
  );
  const model = classes === 2 ? planeBetween({ weights, intercepts }) : { weights, intercepts };
  return fittedLinear({ id: ID, options, classes: y.classes, convergence: null, model, probabilities: true });
}
