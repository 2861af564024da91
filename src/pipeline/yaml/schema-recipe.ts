import { z } from "zod";
import { CALIBRATIONS } from "./choices.js";

const components = z
  .number()
  .gt(0)
  .refine((amount) => amount < 1 || Number.isInteger(amount), "a whole number, or a share below 1")
  .describe("How many components, or below 1 the share of the variance that they hold.");

/** A projection of features, by its amount alone or with whether it whitens. */
export const pcaSchema = z.union([
  components,
  z.strictObject({
    components,
    whiten: z.boolean().describe("Scale each component to variance 1. Default: false.").exactOptional(),
  }),
]);

/** Keys that training a head and searching for one have in common. */
export const fittingShape = {
  repeats: z
    .int()
    .min(1)
    .describe("Of the cross-validation, each with other folds. Default: 1.")
    .exactOptional(),
  group: z
    .string()
    .min(1)
    .describe("A column of data.keep: rows with one value in it are never on both sides of a fold.")
    .exactOptional(),
  seed: z.int().min(0).describe("Of every random choice. Default: 0.").exactOptional(),
  threads: z.int().min(1).describe("Of a fit. Default: the processors there are.").exactOptional(),
  threshold: z
    .strictObject({
      metric: z.enum(["precision", "recall"]).describe("Of the positive class."),
      value: z.number().gt(0).max(1).describe("What it is to reach on rows out of fold."),
    })
    .describe("From where on rows are called positive; of two classes. Default: the head's own answer.")
    .exactOptional(),
  calibrate: z
    .enum(CALIBRATIONS)
    .describe("Fit probabilities to the answers of the cross-validation. Default: the head's own.")
    .exactOptional(),
  positive: z.string().describe("The class that the threshold is about.").exactOptional(),
  sample: z
    .boolean()
    .describe("Store 8 training rows at most in the head, to check it on wherever it goes. Default: true.")
    .exactOptional(),
  split: z
    .string()
    .min(1)
    .describe(
      "Train on the rows of this split. Default: train where there is such a split, else all labelled rows.",
    )
    .exactOptional(),
};

/** A head's file. @param fallback - the default. */
export const headFile = (fallback: string) =>
  z
    .string()
    .regex(/\.onnx$/, "must end in .onnx")
    .describe(`The head's file. Default: ${fallback}. Relative to the working directory.`)
    .exactOptional();
