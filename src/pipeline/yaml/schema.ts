import { z } from "zod";
import { STORES } from "./choices.js";
import { backboneSchema } from "./schema-backbone.js";
import { dataSchema } from "./schema-data.js";
import { headSchema } from "./schema-head.js";
import { searchSchema } from "./schema-search.js";

const name = z
  .string()
  .regex(/^[A-Za-z0-9][\w.-]*$/, "letters, digits, '-', '_' and '.' only, for it becomes a folder's name");

const split = z
  .string()
  .min(1)
  .describe(
    "Measure on the rows of this split. Default: test where there is such a split, else all labelled rows.",
  )
  .exactOptional();

/** A pipeline file, version 1. Every path is relative to the working directory. */
export const pipelineSchema = z
  .strictObject({
    version: z.literal(1).describe("Of this format."),
    name: name.describe("Names the folder of the results: out/<name>/."),
    data: dataSchema,
    backbone: backboneSchema.exactOptional(),
    embeddings: z
      .string()
      .regex(/\.arrow$/, "must end in .arrow")
      .describe("The embeddings file. Default: out/<name>/embeddings.arrow.")
      .exactOptional(),
    store: z
      .enum(STORES)
      .describe("How vectors are stored: fp16 takes half the room. Default: fp32.")
      .exactOptional(),
    head: headSchema.describe("The head. Either this or heads.").exactOptional(),
    heads: z
      .array(headSchema)
      .min(1)
      .describe("Several heads, to compare. Either this or head.")
      .exactOptional(),
    search: searchSchema
      .describe("A search for the best head, beside head or heads or instead of them; {} for the usual one.")
      .exactOptional(),
    evaluate: z
      .strictObject({
        split,
        group: z
          .string()
          .min(1)
          .describe("A column of data.keep: warn of measured rows whose value in it other splits have too.")
          .exactOptional(),
      })
      .describe("Measure each head on rows that it was not trained on. Omitted: cross-validation only.")
      .exactOptional(),
    evaluateOn: z
      .array(z.strictObject({ name: name.describe("How the figures call it."), data: dataSchema, split }))
      .min(1)
      .describe("Further data sets, to see how the heads do on rows from elsewhere.")
      .exactOptional(),
  })
  .superRefine((pipeline, context) => {
    const { head, heads, search } = pipeline;
    if (head !== undefined && heads !== undefined) {
      const message = "give either head or heads, not both";
      context.addIssue({ code: "custom", path: ["heads"], message });
    }
    if (head === undefined && heads === undefined && search === undefined) {
      const message = "head is missing (or heads, for several; or search, for the best)";
      context.addIssue({ code: "custom", path: [], message });
    }
    const further = (pipeline.evaluateOn ?? []).map((set) => set.name);
    const twice = further.findIndex((set, i) => further.indexOf(set) !== i);
    if (twice >= 0) {
      context.addIssue({
        code: "custom",
        path: ["evaluateOn", twice, "name"],
        message: "this name is taken already",
      });
    }
  });

/** A pipeline as written, after validation. */
export type Pipeline = z.infer<typeof pipelineSchema>;

/** The `data` of a pipeline. */
export type PipelineData = z.infer<typeof dataSchema>;

/** The schema for editors (JSON Schema, draft 7): `pipelines/pipeline.schema.json`. */
export function pipelineJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(pipelineSchema, { target: "draft-7", io: "input" }),
    title: "Headstart pipeline",
    anyOf: [{ required: ["head"] }, { required: ["heads"] }, { required: ["search"] }],
    not: { required: ["head", "heads"] },
  };
}
