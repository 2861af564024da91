import type { Layer, Modality, Pooling, Precision, Resize } from "../backbones/backbone.js";
import type { OnProgress } from "../core/progress.js";
import type { Device } from "../onnx/session.js";

/** Names of the heads that can be trained. */
export type HeadName =
  | "linear-svm"
  | "svm"
  | "random-forest"
  | "extra-trees"
  | "gradient-boosting"
  | "logistic-regression"
  | "mlp"
  | "knn"
  | "ridge"
  | "nearest-centroid"
  | "lda"
  | "gaussian-nb";

/** What every long-running command takes. */
export interface RunControl {
  readonly onProgress?: OnProgress;
  /** Aborting keeps the work so far and throws `interrupted`. */
  readonly signal?: AbortSignal;
  /** Runs work that keeps the event loop from turning, such as a fit: no signal is heard meanwhile. */
  readonly blocking?: <T>(work: () => Promise<T>) => Promise<T>;
}

/** How the input is read. Columns are guessed where there is only one sensible choice. */
export interface InputOptions {
  readonly format?:
    | "csv"
    | "tsv"
    | "json"
    | "jsonl"
    | "text"
    | "parquet"
    | "arrow"
    | "sqlite"
    | "duckdb"
    | "images"
    | "audio";
  /** Column with the text. */
  readonly text?: string;
  /** Column with images: paths or bytes. */
  readonly image?: string;
  /** Column with sounds: paths or bytes. */
  readonly audio?: string;
  readonly label?: string;
  readonly id?: string;
  readonly split?: string;
  /** Default `utf-8`. */
  readonly encoding?: "utf-8" | "latin1";
  /** Table of a database (SQLite, DuckDB); default: its only one. */
  readonly table?: string;
  /** Conditions that a row must meet, all of them: `stars >= 4`, `lang = en`, `text != ""`. */
  readonly where?: readonly string[];
  /** At most so many rows, the first ones that meet `where`. */
  readonly limit?: number;
  /** A share of the rows (below 1), chosen by the hash of their ids: the same rows at every run. */
  readonly sample?: number;
  /** Fetch an input, and contents, that are named by http and https addresses; default: that is refused. */
  readonly fetch?: boolean;
  /** With `fetch`: hosts that rows may lead to though they are not on the open internet, such as `10.0.0.5:8080`. */
  readonly fetchHost?: readonly string[];
}

/** Where and how the backbone runs; changes speed, never a vector. */
export interface ComputeOptions {
  /** Default `cpu`. */
  readonly device?: Device | "auto";
  /** Default: the processors that this process may use. */
  readonly threads?: number;
}

export interface EmbedOptions extends InputOptions, ComputeOptions, RunControl {
  /** A file, a folder of images, or `-` for stdin. */
  readonly input: string;
  /** The embeddings file to write. */
  readonly out: string;
  /** Default: `use-lite` for text, `mobilenet-v2-mid` for images. */
  readonly backbone?: string;
  /** What of the input is embedded, and by which side of a backbone that has several; default: what it holds. */
  readonly modality?: Modality;
  /** Branch, tag or commit of a Hub id; default `main`. */
  readonly revision?: string;
  /** Which export of the weights; default `fp32`. */
  readonly precision?: Precision;
  /** Where the feature is taken; default: what the family is used by. */
  readonly layer?: Layer;
  /** Default: what the checkpoint says. */
  readonly pooling?: Pooling;
  /** What is put before each text: the name of one of the checkpoint's prompts, or the words; default: its default prompt. */
  readonly prompt?: string;
  /** Longest sequence of a text, special tokens included; default: what the checkpoint allows, but 8,192 at most. */
  readonly maxTokens?: number;
  /** Default `exact`. */
  readonly resize?: Resize;
  /** L2-normalise the vectors; default: what the checkpoint says. */
  readonly normalize?: boolean;
  /** `reject` (default) writes bad rows to `<out>.rejects.jsonl`; `fail` stops at the first. */
  readonly onError?: "reject" | "fail";
  /** Throw away what an interrupted run left and start again. */
  readonly restart?: boolean;
}

export interface EmbedResult {
  readonly out: string;
  readonly rows: number;
  readonly rejects: number;
  readonly rejectsFile: string | null;
  /** Rows whose text was longer than the backbone reads. */
  readonly truncated: number;
  readonly dim: number;
  readonly backbone: string;
  /** What of the backbone is the vector, and what was put before each text (null: nothing). */
  readonly feature: {
    readonly layer: string;
    readonly pooling: Pooling;
    readonly normalize: boolean;
    readonly precision: Precision;
    readonly prompt: string | null;
  };
  readonly fingerprint: string;
  readonly device: Device;
  /** The input row at which an interrupted run was taken up; null for a fresh one. */
  readonly resumedAtRow: number | null;
  /** What was guessed about the input, in sentences. */
  readonly guesses: readonly string[];
  readonly rowsPerSecond: number;
  readonly seconds: {
    readonly load: number;
    readonly embed: number;
    readonly write: number;
    readonly total: number;
  };
}

export interface TrainOptions extends RunControl {
  readonly embeddings: string;
  /** The head to write; omitted: nothing is saved. */
  readonly out?: string;
  /** Default `linear-svm`. */
  readonly head?: HeadName;
  /** `headstart` (default) or `mljs` (ml-svm, ml-random-forest). */
  readonly engine?: "headstart" | "mljs";
  /** Options of the head, such as `{ C: 1 }`. */
  readonly set?: Readonly<Record<string, unknown>>;
  /** `auto` (default): what suits the head. */
  readonly scale?: "auto" | "standard" | "minmax" | "l2" | "none";
  /** Projects the scaled features to so many components, or below 1 to that share of their variance. Default: none. */
  readonly pca?: number | { readonly components: number; readonly whiten?: boolean };
  /** Folds of the cross-validation; 0 trains only. Default 5. */
  readonly cv?: number;
  /** How often it is cross-validated, each time with other folds. Default 1. */
  readonly repeats?: number;
  /** Names the group of a row, by its id and source: rows of one group are never on both sides of a fold. */
  readonly groupOf?: (row: { readonly id: string; readonly source: string | null }) => string;
  /** Keep rows that are near-duplicates in one fold. Default: warn of those that lie in several. */
  readonly groupDuplicates?: boolean;
  /** Default 0. */
  readonly seed?: number;
  /** Train on the rows of this split. Default: `train` where the file has such a split, else all labelled rows. */
  readonly split?: string;
  /** Fit a map from decision values to probabilities to the answers out of fold; needs `cv` of at least 2. */
  readonly calibrate?: "platt" | "isotonic";
  /** Pick by the answers out of fold from where on rows are called `positive`; needs `cv` of at least 2. */
  readonly threshold?: { readonly metric: "precision" | "recall"; readonly value: number };
  /** The class that `threshold` is about; of two. */
  readonly positive?: string;
}

/** Figures of probabilities. */
export interface ProbabilityFigures {
  /** Natural logarithm. */
  readonly logLoss: number;
  /** Expected calibration error of the top label over 15 bins. */
  readonly calibrationError: number;
}

/** How a calibration does. */
export interface CalibrationResult {
  readonly method: "platt" | "isotonic";
  /** Rows whose out-of-fold decision values the saved maps were fitted to. */
  readonly rows: number;
  /** Of the head's own probabilities; null where it has none. */
  readonly before: ProbabilityFigures | null;
  readonly after: ProbabilityFigures;
  /** What the figures were measured on. */
  readonly measured: string;
}

/** From where on rows are called positive, and what that gives. */
export interface ThresholdResult {
  readonly positive: string;
  readonly target: { readonly metric: "precision" | "recall"; readonly value: number };
  /** Of the positive's decision value less the other's. */
  readonly value: number;
  /** Of the positive class; null where nothing was called positive. */
  readonly precision: number | null;
  readonly recall: number;
  /** What precision and recall were measured on. */
  readonly measured: string;
}

/** A share with its 95 % interval. */
export interface Share {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface Metrics {
  readonly accuracy: Share;
  /** The majority class of the training rows, always predicted: the floor. */
  readonly floor: number;
  readonly balancedAccuracy: number;
  readonly macroF1: number;
  /** With one label a row, the accuracy. */
  readonly microF1: number;
  readonly weightedF1: number;
  /** Matthews' correlation, in [-1, 1]. */
  readonly mcc: number;
}

/** Rows that lie nearly in the direction of a row on the other side, and so are no fair test. */
export interface NearDuplicateReport {
  /** Cosines above it count. */
  readonly threshold: number;
  /** Rows that were looked at: all, or an even sample of very many. */
  readonly checked: number;
  /** Those of them that have a near-duplicate on the other side. */
  readonly rows: number;
  /** The nearest pair; null where there is none. */
  readonly example: { readonly id: string; readonly otherId: string; readonly cosine: number } | null;
}

/** Figures of a head on rows that it was not trained on. */
export interface EvaluationMetrics extends Metrics {
  /** Of probabilities, natural logarithm; null where the head has none, or does not know a label. */
  readonly logLoss: number | null;
  /**
   * Of two classes with the second as positive; of more the mean of each against the rest. By probabilities, else by
   * scores; null where the head does not know a label, or only one class occurs.
   */
  readonly rocAuc: number | null;
  /** Average precision; as `rocAuc`. */
  readonly prAuc: number | null;
  /** As `logLoss`; in [0, 1] for two classes, in [0, 2] for more. */
  readonly brier: number | null;
  /** Expected calibration error of the top label over 15 bins; as `logLoss`. */
  readonly calibrationError: number | null;
  /** 95 % bootstrap intervals (1,000 resamples, seeded); null where the figure is, or for very many rows. */
  readonly intervals: Readonly<
    Record<
      | "balancedAccuracy"
      | "macroF1"
      | "microF1"
      | "weightedF1"
      | "mcc"
      | "logLoss"
      | "rocAuc"
      | "prAuc"
      | "brier"
      | "calibrationError",
      { readonly low: number; readonly high: number } | null
    >
  >;
}

export interface TrainResult {
  readonly out: string | null;
  readonly head: string;
  readonly engine: "headstart" | "mljs";
  readonly options: Readonly<Record<string, unknown>>;
  readonly scale: "standard" | "minmax" | "l2" | "none";
  /** The projection that was asked for, and how many columns it gave; null without one. */
  readonly pca: { readonly components: number; readonly whiten: boolean; readonly dim: number } | null;
  readonly seed: number;
  readonly rows: number;
  readonly split: string | null;
  readonly dim: number;
  readonly classes: readonly { readonly name: string; readonly rows: number }[];
  /** Null where `cv` is 0. */
  readonly cv: {
    readonly folds: number;
    readonly repeats: number;
    /** One a fold, repeat after repeat. */
    readonly accuracies: readonly number[];
  } | null;
  /** Of the out-of-fold predictions, the mean of the repeats; null where `cv` is 0. */
  readonly metrics: Metrics | null;
  readonly convergence: { readonly converged: boolean; readonly iterations: number } | null;
  /** Null where probabilities are the head's own. */
  readonly calibration: CalibrationResult | null;
  /** Null where labels are the head's own. */
  readonly threshold: ThresholdResult | null;
  /**
   * Rows with a near-duplicate in another fold (null where nothing was cross-validated, or they were grouped), and
   * rows of the file's `test` split with one among the training rows (null where it has none).
   */
  readonly nearDuplicates: {
    readonly folds: NearDuplicateReport | null;
    readonly test: NearDuplicateReport | null;
  };
  readonly warnings: readonly string[];
  readonly seconds: {
    readonly load: number;
    readonly fit: number;
    readonly cv: number;
    readonly save: number;
  };
}

export interface EvaluateOptions extends RunControl {
  readonly head: string;
  readonly embeddings: string;
  /** Default: `test` where the file has such a split, else all labelled rows. */
  readonly split?: string;
  /** Also measure what is left when rows whose answer is less probable get none. Needs probabilities. */
  readonly abstainBelow?: number;
}

/** What a head does when it leaves rows out that it is unsure of. */
export interface AbstentionResult {
  readonly below: number;
  /** Rows that got an answer. */
  readonly answered: number;
  /** Their share of all rows. */
  readonly coverage: number;
  /** Of the answered rows; null where there are none. */
  readonly accuracy: Share | null;
}

export interface EvaluateResult {
  readonly head: string;
  readonly split: string | null;
  readonly rows: number;
  readonly metrics: EvaluationMetrics;
  readonly perClass: readonly {
    readonly name: string;
    readonly precision: number;
    readonly recall: number;
    readonly f1: number;
    readonly rows: number;
  }[];
  /** `counts[i][j]`: rows of class i that were called class j. */
  readonly confusion: {
    readonly classes: readonly string[];
    readonly counts: readonly (readonly number[])[];
  };
  /** Rows whose label the head was never trained on; they count as wrong. */
  readonly unknownLabels: readonly string[];
  /**
   * Against the file's `train` split, or its rows of other splits where it has no such split; null without one.
   */
  readonly nearDuplicates: NearDuplicateReport | null;
  /** Null where abstaining was not asked for; the other figures are of all rows. */
  readonly abstention: AbstentionResult | null;
  readonly warnings: readonly string[];
  readonly seconds: { readonly load: number; readonly predict: number; readonly measure: number };
}

export interface CompareOptions extends RunControl {
  /** A head's file. */
  readonly a: string;
  /** Another, of the same backbone. */
  readonly b: string;
  readonly embeddings: string;
  /** Default: `test` where the file has such a split, else all labelled rows. */
  readonly split?: string;
  /** Of the bootstrap; default 0. */
  readonly seed?: number;
}

/** One side of a comparison. */
export interface ComparedHead {
  readonly path: string;
  readonly head: string;
  readonly accuracy: Share;
}

export interface CompareResult {
  readonly a: ComparedHead;
  readonly b: ComparedHead;
  readonly split: string | null;
  readonly rows: number;
  readonly bothRight: number;
  /** Rows that `a` alone got right. */
  readonly onlyA: number;
  readonly onlyB: number;
  readonly bothWrong: number;
  /** Accuracy of `a` less that of `b`; a paired bootstrap interval (95 %, 1,000 resamples). */
  readonly difference: Share;
  /** Two-sided p of McNemar's test: exact, and mid-p. */
  readonly mcnemar: { readonly p: number; readonly midP: number };
  /** The better one where the mid-p is below 0.05; null where the difference is no more than chance. */
  readonly better: "a" | "b" | null;
  readonly warnings: readonly string[];
  readonly seconds: { readonly load: number; readonly predict: number; readonly test: number };
}

export interface PredictOptions extends InputOptions, ComputeOptions, RunControl {
  readonly head: string;
  /** An embeddings file, or raw input that is embedded first with the head's backbone. */
  readonly input: string;
  /** `.jsonl`, `.csv` or `.arrow`; omitted: the rows are only returned through `onRow`. */
  readonly out?: string;
  /** One more column a class. */
  readonly scores?: boolean;
  /** Rows whose answer is less probable get none. Needs probabilities. */
  readonly abstainBelow?: number;
  /** Where the backbone lies, if the head's own record of it cannot be found. */
  readonly backbone?: string;
  readonly onRow?: (row: Prediction) => void;
}

export interface Prediction {
  readonly id: string;
  /** Null where the head abstains; never without `abstainBelow`. */
  readonly prediction: string | null;
  /**
   * Probability of the predicted class, or of the one that would have been; null where the head has no probabilities.
   */
  readonly confidence: number | null;
  /** Decision value by class, where `scores` was asked for. */
  readonly scores?: Readonly<Record<string, number>>;
}

export interface PredictResult {
  readonly out: string | null;
  readonly rows: number;
  readonly rejects: number;
  readonly rejectsFile: string | null;
  /** Rows without an answer, as they were less probable than `abstainBelow`; they count in `rows`, not in `classes`. */
  readonly abstained: number;
  readonly classes: readonly { readonly name: string; readonly rows: number }[];
  readonly guesses: readonly string[];
  readonly seconds: {
    readonly load: number;
    readonly embed: number;
    readonly predict: number;
    readonly total: number;
  };
}

/** What a file is and holds. */
export type InspectResult =
  | {
      readonly kind: "embeddings";
      readonly path: string;
      readonly bytes: number;
      readonly rows: number;
      readonly dim: number;
      readonly backbone: Readonly<Record<string, unknown>>;
      readonly fingerprint: string;
      readonly dataset: string;
      readonly created: string;
      readonly labels: readonly { readonly name: string; readonly rows: number }[];
      readonly splits: readonly { readonly name: string; readonly rows: number }[];
      readonly unlabelled: number;
    }
  | {
      readonly kind: "head";
      readonly path: string;
      readonly bytes: number;
      /** `headstart.head`, as stored. */
      readonly head: Readonly<Record<string, unknown>>;
      readonly backbone: Readonly<Record<string, unknown>> | null;
      readonly fingerprint: string;
    }
  /** A head that was fused with its backbone. */
  | {
      readonly kind: "classifier";
      readonly path: string;
      readonly bytes: number;
      readonly head: Readonly<Record<string, unknown>>;
      readonly backbone: Readonly<Record<string, unknown>> | null;
      readonly fingerprint: string;
      /** `headstart.classifier`, as stored: how it is fed, and what it answers to a sample. */
      readonly classifier: Readonly<Record<string, unknown>>;
      readonly inputs: readonly GraphPort[];
      readonly outputs: readonly GraphPort[];
      /** Whether the file holds the checkpoint's tokenizer. */
      readonly tokenizer: boolean;
    };

/** An input or output of a graph; a string in `shape` is a free dimension. */
export interface GraphPort {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly (number | string)[] | null;
}

/** A row of `headstart backbones list`. */
export interface BackboneSummary {
  readonly id: string;
  readonly modality: Modality;
  readonly dim: number;
  readonly license: string;
  readonly parameters: number | null;
  /** Bytes of the ONNX file; null where it has not been built or downloaded. */
  readonly bytes: number | null;
  readonly source: string;
  readonly notes: readonly string[];
}
