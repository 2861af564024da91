/** What went wrong, as one word that programs can branch on. */
export type ErrorCode =
  /** A flag, option or argument that makes no sense. */
  | "usage"
  /** A configuration file (YAML, manifest) that does not follow its schema. */
  | "config"
  /** Input data that cannot be read: missing file or column, wrong format, duplicate ids. */
  | "data"
  /** A matrix of another shape than expected. */
  | "shape"
  /** A backbone or head that is missing, damaged or not understood. */
  | "model"
  /** A file of ours (Arrow, ONNX head) that is damaged or of another version. */
  | "format"
  /** A head and embeddings that come from different backbones. */
  | "fingerprint"
  /** The file system said no: permissions, disk full, locked target. */
  | "io"
  /** The execution provider that was asked for does not load. */
  | "provider"
  /** Stopped by the user; what was done so far is kept. */
  | "interrupted";

/** Facts of an error: file, row, column, expected and actual values. */
export type ErrorFacts = Readonly<Record<string, unknown>>;

/**
 * The one error class of the project: a code, the facts as data, and what to do next.
 * @example throw new HeadstartError("data", "reviews.csv has no column 'txt'", { hint: "Columns: id, text" })
 */
export class HeadstartError extends Error {
  readonly code: ErrorCode;
  readonly facts: ErrorFacts;
  readonly hint: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { facts?: ErrorFacts; hint?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "HeadstartError";
    this.code = code;
    this.facts = options.facts ?? {};
    this.hint = options.hint;
  }
}

/** A dimension: a fixed size, or `"*"` for any. */
export type Dimension = number | "*";

/** Thrown where a matrix or vector has another shape than its reader needs. */
export class ShapeError extends HeadstartError {
  constructor(name: string, expected: readonly Dimension[], actual: readonly number[]) {
    super("shape", `${name}: expected [${expected.join(", ")}], got [${actual.join(", ")}]`, {
      facts: { name, expected, actual },
    });
    this.name = "ShapeError";
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
