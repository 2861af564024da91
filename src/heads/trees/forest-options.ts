import { z } from "zod";
import { classWeightOption, seedOption } from "../parse-options.js";

const maxFeatures = z.union([
  z.enum(["sqrt", "log2", "all"]),
  z
    .number()
    .positive()
    .refine((n) => n < 1 || Number.isInteger(n), "a share below 1, or a whole number"),
]);
const FEATURES = "Features that a split chooses from: sqrt or log2 of all, all, a share below 1, or a number";
const BOOTSTRAP = "Draw n rows with replacement for each tree; false: all rows";

/** Options of all forests; names and defaults are scikit-learn's. */
const common = {
  nEstimators: z.int().min(1).max(10_000).default(100).describe("Trees"),
  maxDepth: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe("Limit of levels below the root; null: none"),
  minSamplesSplit: z.int().min(2).default(2).describe("Rows that a node needs to be split"),
  minSamplesLeaf: z.int().min(1).default(1).describe("Rows that each side of a split needs"),
  seed: seedOption,
};
const classification = {
  ...common,
  criterion: z.enum(["gini", "entropy"]).default("gini").describe("Impurity that a split lowers"),
  maxFeatures: maxFeatures.default("sqrt").describe(FEATURES),
  classWeight: classWeightOption,
};

/** Options of the random forest. */
export const randomForestOptions = z.strictObject({
  ...classification,
  bootstrap: z.boolean().default(true).describe(BOOTSTRAP),
});

/** Options of extremely randomised trees. */
export const extraTreesOptions = z.strictObject({
  ...classification,
  bootstrap: z.boolean().default(false).describe(BOOTSTRAP),
});

const regression = { ...common, maxFeatures: maxFeatures.default("all").describe(FEATURES) };

/** Options of the random forest for numbers. */
export const randomForestRegressorOptions = z.strictObject({
  ...regression,
  bootstrap: z.boolean().default(true).describe(BOOTSTRAP),
});

/** Options of extremely randomised trees for numbers. */
export const extraTreesRegressorOptions = z.strictObject({
  ...regression,
  bootstrap: z.boolean().default(false).describe(BOOTSTRAP),
});

export type ForestOptions = z.output<typeof randomForestOptions>;
export type ForestRegressorOptions = z.output<typeof randomForestRegressorOptions>;

/** Features that a split chooses from, at least 1. */
export function featuresOfSplit(maxFeatures: ForestOptions["maxFeatures"], dim: number): number {
  if (maxFeatures === "all") return dim;
  if (maxFeatures === "sqrt") return Math.max(1, Math.floor(Math.sqrt(dim)));
  if (maxFeatures === "log2") return Math.max(1, Math.floor(Math.log2(dim)));
  return maxFeatures < 1 ? Math.max(1, Math.floor(maxFeatures * dim)) : Math.min(dim, maxFeatures);
}
