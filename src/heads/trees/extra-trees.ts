import type { z } from "zod";
import type { Matrix } from "../../linalg/matrix.js";
import type { FitControl, Labels } from "../classifier.js";
import { parseOptions } from "../parse-options.js";
import { fitForest } from "./fit-forest.js";
import { extraTreesOptions } from "./forest-options.js";
import type { Forest } from "./random-forest.js";

export { extraTreesOptions } from "./forest-options.js";

const ID = "extra-trees.v1";

/**
 * Extremely randomised trees: as a random forest, but each feature that is looked at offers one threshold, drawn
 * between its extremes in the node, and all rows are used unless `bootstrap` is set. Faster to grow, smoother.
 * @example const head = await extraTrees({ nEstimators: 200, seed: 7 }).fit(X, y);
 * @throws {HeadstartError} `usage` for an option that is unknown or out of range.
 * @see Geurts, Ernst & Wehenkel, "Extremely randomized trees", Machine Learning 63, 2006.
 */
export function extraTrees(given: z.input<typeof extraTreesOptions> = {}): Forest {
  const options = parseOptions("extra-trees", extraTreesOptions, given);
  return Object.freeze({
    id: ID,
    options,
    fit: (X: Matrix, y: Labels, control?: FitControl) => fitForest(ID, options, true, X, y, control),
  });
}
