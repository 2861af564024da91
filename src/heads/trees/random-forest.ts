import type { z } from "zod";
import type { Matrix } from "../../linalg/matrix.js";
import type { Classifier, FitControl, Labels } from "../classifier.js";
import { parseOptions } from "../parse-options.js";
import { type FittedForest, fitForest } from "./fit-forest.js";
import { type ForestOptions, randomForestOptions } from "./forest-options.js";

export type { FittedForest } from "./fit-forest.js";
export { randomForestOptions } from "./forest-options.js";

const ID = "random-forest.v1";

/** The estimator; its `fit` gives the trees too. */
export interface Forest extends Classifier<ForestOptions> {
  fit(X: Matrix, y: Labels, control?: FitControl): Promise<FittedForest>;
}

/**
 * A random forest: trees on bootstrap samples, a fresh draw of features at every split, class shares averaged.
 * Scores are the probabilities. Splits lie between at most 256 quantiles of a feature. The trees are grown on all
 * threads that `fit` may use; the forest does not depend on how many those are.
 * @example const head = await randomForest({ nEstimators: 200, seed: 7 }).fit(X, y);
 * @throws {HeadstartError} `usage` for an option that is unknown or out of range.
 * @see Breiman, "Random forests", Machine Learning 45, 2001.
 */
export function randomForest(given: z.input<typeof randomForestOptions> = {}): Forest {
  const options = parseOptions("random-forest", randomForestOptions, given);
  return Object.freeze({
    id: ID,
    options,
    fit: (X: Matrix, y: Labels, control?: FitControl) => fitForest(ID, options, false, X, y, control),
  });
}
