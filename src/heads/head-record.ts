import { z } from "zod";
import { HeadstartError } from "../core/errors.js";

/** Metadata keys of a head file. */
export const HEAD_KEY = "headstart.head";
export const FINGERPRINT_KEY = "headstart.fingerprint";
export const BACKBONE_KEY = "headstart.backbone";
/** Rows that it was trained on, with their answers; absent in older files, and where it was left out. */
export const SAMPLE_KEY = "headstart.sample";
/** Of a head that was fused with its backbone into one graph, which is no head file any more. */
export const CLASSIFIER_KEY = "headstart.classifier";

/** Version of the head file that this program writes. */
export const HEAD_FORMAT = 1;

const json = z.record(z.string(), z.unknown());
const backboneRecord = z.looseObject({ id: z.string() }).nullable().catch(null);

/** `headstart.backbone`: what the embeddings were made with, as the caller gave it; only its id is looked at here. */
export type BackboneRecord = { readonly id: string };

const figures = z.object({ logLoss: z.number(), calibrationError: z.number() });

/** How probabilities were calibrated; `before` is null where the head had none of its own. */
const calibrationRecord = z.object({
  method: z.enum(["platt", "isotonic"]),
  /** Rows whose out-of-fold decision values the maps were fitted to. */
  rows: z.int().positive(),
  before: figures.nullable(),
  after: figures,
  measured: z.string(),
});

/** From where on rows are called positive. */
const thresholdRecord = z.object({
  positive: z.string(),
  /** What was asked for. */
  target: z.object({ metric: z.enum(["precision", "recall"]), value: z.number() }),
  /** Of the positive's decision value less the other's; taken off the positive's `scores` already. */
  value: z.number(),
  /** Of the positive class on rows out of fold; null where nothing was called positive. */
  precision: z.number().nullable(),
  recall: z.number(),
  measured: z.string(),
});

const headRecord = z.object({
  format: z.literal(HEAD_FORMAT),
  /** Versioned estimator, such as `linear-svm.v1`. */
  id: z.string(),
  /** The name that it was trained by: `linear-svm`. */
  name: z.string(),
  engine: z.enum(["headstart", "mljs"]),
  /** All options, defaults filled in. */
  options: json,
  scale: z.enum(["standard", "minmax", "l2", "none"]),
  /** Projection of the scaled features to `dim` columns, as it was asked for; null without one, as in older files. */
  pca: z
    .object({ components: z.number(), whiten: z.boolean(), dim: z.int().positive() })
    .nullable()
    .default(null),
  /** In the order of the score columns. */
  classes: z.array(z.string()).min(1),
  dim: z.int().positive(),
  /** Rows trained on; 0 where that is not known, as of imported models. */
  rows: z.int().nonnegative(),
  /** The same by class, in the order of the classes. */
  classRows: z.array(z.object({ name: z.string(), rows: z.int() })),
  seed: z.number(),
  convergence: z.object({ converged: z.boolean(), iterations: z.number() }).nullable(),
  /** Figures and how they were measured; null where nothing was measured. */
  metrics: json.nullable(),
  /** Absent where probabilities are the estimator's own, and in older files. */
  calibration: calibrationRecord.optional(),
  /** Absent where the label is the estimator's own, and in older files. */
  threshold: thresholdRecord.optional(),
  /** Of a head that gives several labels a row, `classes`: one binary head each. Absent in others. */
  multiLabel: z
    .object({
      binaryClasses: z.array(z.string()).length(2),
      /** Taken off `scores` already, one a label. */
      thresholds: z.array(z.number()),
      /** The set that training rows have most often. */
      commonest: z.array(z.string()),
      /** What thresholds were picked for and what they give; `positive` is the label. Absent where none were. */
      picked: z.array(thresholdRecord).optional(),
    })
    .optional(),
});

/** `headstart.head`: what a head file says of itself. */
export type HeadRecord = Readonly<z.output<typeof headRecord>>;

/**
 * Reads the metadata of a head file.
 * @throws {HeadstartError} `format` if it is no head of ours, or of a version that this program does not know.
 */
export function readHeadMetadata(metadata: Readonly<Record<string, string>>): {
  record: HeadRecord;
  fingerprint: string;
  backbone: BackboneRecord | null;
} {
  const text = metadata[HEAD_KEY];
  const fingerprint = metadata[FINGERPRINT_KEY];
  if (text === undefined || fingerprint === undefined) {
    throw new HeadstartError(
      "format",
      `This ONNX file is no head: it has no '${text === undefined ? HEAD_KEY : FINGERPRINT_KEY}'`,
      {
        facts: { metadata: Object.keys(metadata) },
        hint: "Heads are written by: headstart train embeddings.arrow -o head.onnx",
      },
    );
  }
  const value = parseJson(HEAD_KEY, text);
  const format = value !== null && typeof value === "object" ? Reflect.get(value, "format") : undefined;
  if (format !== HEAD_FORMAT) {
    throw new HeadstartError(
      "format",
      `Head format ${JSON.stringify(format) ?? "missing"}, expected ${HEAD_FORMAT}`,
      {
        facts: { format, expected: HEAD_FORMAT },
        hint: "It may come from a newer headstart: update, or train it again.",
      },
    );
  }
  const record = headRecord.safeParse(value);
  if (!record.success) {
    const issue = record.error.issues[0]!;
    throw new HeadstartError(
      "format",
      `'${HEAD_KEY}' is damaged at '${issue.path.join(".")}': ${issue.message}`,
      {
        hint: "Train the head again.",
        cause: record.error,
      },
    );
  }
  const backbone = metadata[BACKBONE_KEY];
  return {
    record: record.data,
    fingerprint,
    backbone: backbone === undefined ? null : backboneRecord.parse(parseJson(BACKBONE_KEY, backbone)),
  };
}

function parseJson(key: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HeadstartError("format", `'${key}' is no JSON`, { hint: "Train the head again.", cause });
  }
}
