import { z } from "zod";
import { DEVICES, POOLINGS } from "./choices.js";

const id = z
  .string()
  .min(1)
  .describe("use-lite, mobilenet-v2-mid, a folder in Hugging Face layout, or a Hub id.");

/** The backbone: its id alone, or with how it is pooled and where it runs. */
export const backboneSchema = z
  .union([
    id,
    z.strictObject({
      id,
      pooling: z
        .enum(POOLINGS)
        .describe("Token states to one vector. Default: the checkpoint's.")
        .exactOptional(),
      normalize: z
        .boolean()
        .describe("Scale vectors to length 1. Default: the checkpoint's.")
        .exactOptional(),
      device: z.enum(DEVICES).describe("Where it runs. Default: cpu.").exactOptional(),
      threads: z.int().min(1).describe("Default: the processors there are.").exactOptional(),
    }),
  ])
  .describe(
    "The frozen network that turns content into vectors. Default: use-lite for text, mobilenet-v2-mid for images.",
  );
