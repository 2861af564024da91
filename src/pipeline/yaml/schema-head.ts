import { z } from "zod";
import { ENGINES, HEADS, SCALES } from "./choices.js";
import { fittingShape, headFile, pcaSchema } from "./schema-recipe.js";

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
    pca: pcaSchema
      .describe("Project the scaled features to their main directions. Default: none.")
      .exactOptional(),
    cv: z
      .int()
      .refine((folds) => folds === 0 || folds >= 2, "0 for none, else at least 2")
      .describe("Folds of the cross-validation; 0 trains only. Default: 5.")
      .meta({ minimum: 0 })
      .exactOptional(),
    ...fittingShape,
    groupDuplicates: z
      .boolean()
      .describe("Keep near-duplicate rows in one fold. Default: false, and a warning of them.")
      .exactOptional(),
    out: headFile("out/<name>/<head>.onnx"),
  })
  .describe("What turns vectors into answers.");
