import { z } from "zod";
import { HeadstartError } from "../../core/errors.js";

/** Metadata keys of the checkpoint's own tokenizer files, copied as they are. */
export const TOKENIZER_KEY = "headstart.tokenizer";
export const TOKENIZER_CONFIG_KEY = "headstart.tokenizer_config";

/** Version of the fused file that this program writes. */
export const CLASSIFIER_FORMAT = 1;

/**
 * Noise that any language can make anew: element k of row r, counted over the whole row, is
 * `((k + 104729 * r) * 7919 % 65537) / 65537 * 2 - 1`, computed in float64 and rounded to float32.
 */
const noise = z.object({
  kind: z.literal("noise"),
  rows: z.int().positive(),
  dims: z.array(z.int().positive()),
});

/** Token ids of each row, special tokens included, padding left out. */
const tokens = z.object({
  kind: z.literal("tokens"),
  texts: z.array(z.string()),
  ids: z.array(z.array(z.int())),
});

const sample = z.object({
  content: z.discriminatedUnion("kind", [tokens, noise]),
  labels: z.array(z.string()),
  /** `[rows][classes]`, from the backbone and the head run apart. */
  scores: z.array(z.array(z.number())),
  probabilities: z.array(z.array(z.number())).nullable(),
  /** Largest difference allowed, relative to max(1, |value|). */
  tolerance: z.number(),
});

const classifierRecord = z.object({
  format: z.literal(CLASSIFIER_FORMAT),
  modality: z.enum(["text", "image", "audio"]),
  /** Version of ai.onnx that all nodes are written for. */
  opset: z.int(),
  /** Of token ids: where a row is shorter than the batch. */
  padId: z.int(),
  /** Longest row of token ids; null for other content. */
  maxTokens: z.int().nullable(),
  /** False where rows of one batch must have the same length, as padding could change an answer. */
  readsMask: z.boolean(),
  /** Of the backbone's weights, which lie in the file; null where nothing is known. */
  license: z.string().nullable(),
  source: z.string().nullable(),
  sample,
});

/** `headstart.classifier`: what a fused file says of itself. */
export type ClassifierRecord = Readonly<z.output<typeof classifierRecord>>;

export type ClassifierSample = ClassifierRecord["sample"];

/**
 * Reads the record of a fused file.
 * @throws {HeadstartError} `format` if it is damaged, or of another version.
 */
export function readClassifierRecord(text: string): ClassifierRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = null;
  }
  const record = classifierRecord.safeParse(value);
  if (record.success) return record.data;
  const issue = record.error.issues[0]!;
  throw new HeadstartError(
    "format",
    `The classifier's metadata is damaged or of another version at '${issue.path.join(".")}': ${issue.message}`,
    { hint: "Make it again: headstart export head.onnx --fuse -o classifier.onnx", cause: record.error },
  );
}
