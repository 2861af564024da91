import { z } from "zod";
import { ENGINES, HEADS, METRICS, SCALES } from "./choices.js";
import { fittingShape, headFile, pcaSchema } from "./schema-recipe.js";

/** A search for the best head; the words are those of `headstart search`. */
export const searchSchema = z
  .strictObject({
    heads: z
      .array(z.enum(HEADS))
      .min(1)
      .describe("Heads to try, ties going to the earlier. Default: linear-svm and logistic-regression.")
      .exactOptional(),
    engine: z.enum(ENGINES).describe("Whose solvers. Default: headstart.").exactOptional(),
    grid: z
      .record(z.string(), z.array(z.unknown()).min(1))
      .describe(
        "Values of options, such as { C: [0.1, 1, 10], svm.gamma: [scale, 0.01] }: each goes to the heads that have it. Default: what suits the head.",
      )
      .exactOptional(),
    scales: z
      .array(z.enum(SCALES))
      .min(1)
      .describe("Scalings to try. Default: [auto], what suits the head.")
      .exactOptional(),
    pcas: z
      .array(z.union([pcaSchema, z.null()]))
      .min(1)
      .describe("Projections to try, null for none, such as [null, 64, 0.95]. Default: [null].")
      .exactOptional(),
    metric: z
      .enum(METRICS)
      .describe("What candidates are compared by. Default: accuracy; of several labels a row macro-f1.")
      .exactOptional(),
    cv: z.int().min(2).describe("Folds in which candidates are compared. Default: 5.").exactOptional(),
    halving: z
      .boolean()
      .describe(
        "All candidates on few rows, the best third on three times as many, and so on. Default: false.",
      )
      .exactOptional(),
    nested: z
      .int()
      .refine((folds) => folds === 0 || folds >= 2, "0 for none, else at least 2")
      .describe("Outer folds in which the whole search is repeated, for an honest figure of it. Default: 0.")
      .meta({ minimum: 0 })
      .exactOptional(),
    ...fittingShape,
    groupDuplicates: z
      .boolean()
      .describe("Keep near-duplicate rows in one fold. Default: false.")
      .exactOptional(),
    out: headFile("out/<name>/best.onnx"),
  })
  .describe("Find the best head and options by cross-validation, and train it on all rows.");
