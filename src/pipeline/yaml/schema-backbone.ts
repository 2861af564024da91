import { z } from "zod";
import { DEVICES, MODALITIES, POOLINGS, PRECISIONS, RESIZES, TUNES } from "./choices.js";

const id = z
  .string()
  .min(1)
  .describe("use-lite, mobilenet-v2-mid, a folder in Hugging Face layout, or a Hub id.");

const layer = z.union([z.int(), z.string().min(1)]);

/** The backbone: its id alone, or with how it is pooled and where it runs. */
export const backboneSchema = z
  .union([
    id,
    z.strictObject({
      id,
      modality: z
        .enum(MODALITIES)
        .describe("Which side of a backbone that reads several kinds of content. Default: the input's.")
        .exactOptional(),
      revision: z
        .string()
        .min(1)
        .describe("Branch, tag or commit of a Hub id. Default: main.")
        .exactOptional(),
      precision: z.enum(PRECISIONS).describe("Which export of the weights. Default: fp32.").exactOptional(),
      layer: z
        .union([layer, z.array(layer).min(1)])
        .describe("Where the feature is taken: a block's number, a tensor's name, or a list of them.")
        .exactOptional(),
      pooling: z
        .enum(POOLINGS)
        .describe("Token states to one vector. Default: the checkpoint's.")
        .exactOptional(),
      normalize: z
        .boolean()
        .describe("Scale vectors to length 1. Default: the checkpoint's.")
        .exactOptional(),
      prompt: z
        .string()
        .describe("Before each text: one of the checkpoint's prompts by its name, or the words.")
        .exactOptional(),
      maxTokens: z
        .int()
        .min(1)
        .describe("Tokens of a text that are read. Default: the checkpoint's limit, but 8,192 at most.")
        .exactOptional(),
      resize: z
        .enum(RESIZES)
        .describe("Of images: exact (Pillow's arithmetic) or fast. Default: exact.")
        .exactOptional(),
      device: z.enum(DEVICES).describe("Where it runs. Default: cpu.").exactOptional(),
      threads: z.int().min(1).describe("Default: the processors there are.").exactOptional(),
      batchTokens: z
        .int()
        .min(1)
        .describe("Most tokens in a batch of texts, padding included. Default: 512, on accelerators 65,536.")
        .exactOptional(),
      batchImages: z
        .int()
        .min(1)
        .describe("Images in a batch. Default: 8, on accelerators 128.")
        .exactOptional(),
      sessions: z
        .int()
        .min(1)
        .describe("Sessions that share the batches, of so many threads each. Default: 1.")
        .exactOptional(),
      tune: z
        .enum(TUNES)
        .describe("auto: time sessions, threads and batches on the first rows of a long run. Default: off.")
        .exactOptional(),
    }),
  ])
  .describe(
    "The frozen network that turns content into vectors. Default: use-lite for text, mobilenet-v2-mid for images.",
  );
