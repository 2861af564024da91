import type { ComputeOptions, InputOptions, RunControl } from "./run-types.js";

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
  /** What the input `-` reads; default the process's stdin. */
  readonly stdin?: NodeJS.ReadableStream;
  readonly onRow?: (row: Prediction) => void;
}

export interface Prediction {
  readonly id: string;
  /** Null where the head abstains; never without `abstainBelow`. */
  readonly prediction: string | null;
  /** Of a head of several labels: those that it gives, `prediction` being them joined; empty for none. */
  readonly labels?: readonly string[];
  /**
   * Probability of the predicted class, or of the one that would have been; null where the head has no probabilities.
   * Of several labels: of the least sure decision for a label or against it.
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
  /** Of a head of several labels: rows that are given none. */
  readonly withoutLabel?: number;
  readonly guesses: readonly string[];
  readonly seconds: {
    readonly load: number;
    readonly embed: number;
    readonly predict: number;
    readonly total: number;
  };
}
