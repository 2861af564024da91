/** One report of long work. Numerics never print: they call an `OnProgress`. */
export interface ProgressEvent {
  readonly stage:
    | "read"
    | "download"
    | "embed"
    | "fit"
    | "cross-validate"
    | "evaluate"
    | "predict"
    | "build"
    | "convert"
    | "merge";
  /** Units done so far. */
  readonly done: number;
  /** Units in all, where known. */
  readonly total?: number;
  /** Whether `total` is an estimate. */
  readonly approximate?: boolean;
  /** What is counted: `rows`, `folds`, `images`, `bytes`. */
  readonly unit: string;
  /** Of embedding: what went through the backbone so far. */
  readonly encoding?: EncodingProgress;
}

/** What went through a backbone in this run. */
export interface EncodingProgress {
  /** Of texts, padding left out. */
  readonly tokens?: number;
  /** The share of what was computed that is padding. */
  readonly paddingShare: number;
  /** Rows that could not be embedded, those of earlier runs included. */
  readonly rejects: number;
}

/** A listener for progress; called from the thread that works, so it must be quick. */
export type OnProgress = (event: ProgressEvent) => void;
