import { z } from "zod";
import { classWeightOption, seedOption } from "../parse-options.js";

/** Options of gradient boosting; names and defaults are scikit-learn's where it has them, but for `maxBins`. */
export const gradientBoostingOptions = z.strictObject({
  maxIter: z
    .int()
    .min(1)
    .max(10_000)
    .default(100)
    .describe("Rounds; each adds a tree a class, or one for two classes"),
  learningRate: z.number().positive().max(1).default(0.1).describe("Share of each tree's step that is taken"),
  maxLeafNodes: z.int().min(2).max(1024).default(31).describe("Leaves of a tree at most"),
  maxDepth: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe("Limit of levels below the root; null: none"),
  minSamplesLeaf: z.int().min(1).default(20).describe("Rows that each side of a split needs"),
  l2Regularization: z.number().nonnegative().default(0).describe("Pull of leaves towards zero"),
  maxFeatures: z
    .number()
    .positive()
    .max(1)
    .default(1)
    .describe("Share of the features that a tree is given, drawn"),
  maxBins: z.int().min(2).max(256).default(64).describe("Bins that a feature is cut into at most"),
  earlyStopping: z
    .union([z.boolean(), z.literal("auto")])
    .default("auto")
    .describe("Stop when held-out rows gain no more; auto: above 10,000 rows"),
  validationFraction: z
    .number()
    .positive()
    .max(0.5)
    .default(0.1)
    .describe("Share of the rows held out for that"),
  nIterNoChange: z.int().min(1).default(10).describe("Rounds without gain before stopping"),
  tol: z.number().nonnegative().default(1e-7).describe("Fall of the held-out loss that counts as gain"),
  classWeight: classWeightOption,
  seed: seedOption,
});

export type GradientBoostingOptions = z.output<typeof gradientBoostingOptions>;
