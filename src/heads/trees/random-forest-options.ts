import { z } from "zod";
import { classWeightOption, seedOption } from "../parse-options.js";

/** Options of the random forest, validated; names and defaults are scikit-learn's. */
export const randomForestOptions = z.strictObject({
  nEstimators: z.int().min(1).max(10_000).default(100).describe("Trees"),
  criterion: z.enum(["gini", "entropy"]).default("gini").describe("Impurity that a split lowers"),
  maxDepth: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe("Limit of levels below the root; null: none"),
  maxFeatures: z
    .union([
      z.enum(["sqrt", "log2", "all"]),
      z
        .number()
        .positive()
        .refine((n) => n < 1 || Number.isInteger(n), "a share below 1, or a whole number"),
    ])
    .default("sqrt")
    .describe("Features that a split chooses from: sqrt or log2 of all, all, a share below 1, or a number"),
  minSamplesSplit: z.int().min(2).default(2).describe("Rows that a node needs to be split"),
  minSamplesLeaf: z.int().min(1).default(1).describe("Rows that each side of a split needs"),
  bootstrap: z
    .boolean()
    .default(true)
    .describe("Draw n rows with replacement for each tree; false: all rows"),
  classWeight: classWeightOption,
  seed: seedOption,
});

export type RandomForestOptions = z.infer<typeof randomForestOptions>;
