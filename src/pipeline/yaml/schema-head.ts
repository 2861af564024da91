import { z } from "zod";
import { CALIBRATIONS, ENGINES, HEADS, SCALES } from "./choices.js";

const components = z
  .number()
  .gt(0)
  .refine((amount) => amount < 1 || Number.isInteger(amount), "a whole number, or a share below 1")
  .describe("How many components, or below 1 the share of the variance that they hold.");

/** One head; the words are those of `headstart train`. */
export const headSchema = z
  .strictObject({
    name: z.enum(HEADS).describe("Which head."),
    engine: z.enum(ENGINES).describe("Whose solver. Default: headstart.").exactOptional(),
    set: z
      .record(z.string(), z.unknown())
      .describe("Options of the head, such as { C: 1 }. Default: the head's own.")
      .exactOptional(),
    scale: z.enum(SCALES).describe("Of the features. Default: auto, what suits the head.").exactOptional(),
    pca: z
      .union([
        components,
        z.strictObject({
          components,
          whiten: z.boolean().describe("Scale each component to variance 1. Default: false.").exactOptional(),
        }),
      ])
      .describe("Project the scaled features to their main directions. Default: none.")
      .exactOptional(),
    cv: z
      .int()
      .refine((folds) => folds === 0 || folds >= 2, "0 for none, else at least 2")
      .describe("Folds of the cross-validation; 0 trains only. Default: 5.")
      .meta({ minimum: 0 })
      .exactOptional(),
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
    groupDuplicates: z
      .boolean()
      .describe("Keep near-duplicate rows in one fold. Default: false, and a warning of them.")
      .exactOptional(),
    seed: z.int().min(0).describe("Of every random choice. Default: 0.").exactOptional(),
    calibrate: z
      .enum(CALIBRATIONS)
      .describe("Fit probabilities to the answers of the cross-validation. Default: the head's own.")
      .exactOptional(),
    threshold: z
      .strictObject({
        metric: z.enum(["precision", "recall"]).describe("Of the positive class."),
        value: z.number().gt(0).max(1).describe("What it is to reach on rows out of fold."),
      })
      .describe("From where on rows are called positive; of two classes. Default: the head's own answer.")
      .exactOptional(),
    positive: z.string().describe("The class that the threshold is about.").exactOptional(),
    split: z
      .string()
      .min(1)
      .describe(
        "Train on the rows of this split. Default: train where there is such a split, else all labelled rows.",
      )
      .exactOptional(),
    out: z
      .string()
      .regex(/\.onnx$/, "must end in .onnx")
      .describe("The head's file. Default: out/<name>/<head>.onnx. Relative to the working directory.")
      .exactOptional(),
  })
  .describe("What turns vectors into answers.");
