import { z } from "zod";

/** `models/<id>/manifest.json`: what an embedded backbone is, where it comes from, and its digests. */
export const manifestSchema = z.object({
  id: z.string(),
  modality: z.enum(["text", "image", "audio"]),
  dim: z.number().int().positive(),
  license: z.string(),
  licenseFile: z.string(),
  source: z.object({ package: z.string(), version: z.string(), what: z.string() }),
  weights: z.object({ file: z.string(), sha256: z.string(), bytes: z.number().int() }),
  files: z.record(z.string(), z.string()),
  layer: z.string(),
  pooling: z.enum(["mean", "cls", "max", "last", "weighted-mean", "mean-sqrt-length", "none"]),
  normalize: z.boolean(),
  graphOutput: z.string(),
  precision: z.enum(["fp32", "fp16", "int8"]),
  parameters: z.number().int(),
  preprocessing: z.record(z.string(), z.unknown()),
  notes: z.array(z.string()),
});

export type Manifest = z.infer<typeof manifestSchema>;
