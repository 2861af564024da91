import type { Modality } from "../../backbones/backbone.js";
import type { Prediction } from "./predict-types.js";
import type { ComputeOptions, RunControl } from "./run-types.js";

export interface OpenClassifierOptions extends ComputeOptions, Pick<RunControl, "onProgress" | "signal"> {
  /** Where the backbone lies, if the head's own record of it cannot be found; null: none is opened, and only vectors are taken. */
  readonly backbone?: string | null;
  /** Rows whose answer is less probable get none. Needs probabilities. */
  readonly abstainBelow?: number;
}

/**
 * What is to be answered for: a text; an image or a sound, by its path or its bytes; or a vector of the head's backbone
 * (float32, as long as it is wide).
 */
export type ClassifierInput = string | Uint8Array | Float32Array;

/** A head's answer to one input. */
export interface ClassifierAnswer extends Pick<Prediction, "prediction" | "labels" | "confidence"> {
  /** Decision values, in the order of the classifier's `labels`. */
  readonly scores: Float32Array;
  /** Likewise; null where the head has none. */
  readonly probabilities: Float32Array | null;
}

/** A head and its backbone, open: each prediction costs little more than the backbone's own run. */
export interface OpenClassifier {
  /** The classes, in the order of scores and probabilities. */
  readonly labels: readonly string[];
  /** What it reads beside vectors; null where no backbone is open. */
  readonly modality: Modality | null;
  /** Of its vectors. */
  readonly dim: number;
  /**
   * Answers for one input, or for each of several, which are run together in batches.
   * @throws {HeadstartError} `data` naming the input (from 0) that is empty, unreadable or no vector of finite numbers;
   *   `usage` for another kind of input than the backbone reads, and once closed.
   */
  predict(input: ClassifierInput): Promise<ClassifierAnswer>;
  predict(inputs: readonly ClassifierInput[]): Promise<ClassifierAnswer[]>;
  /** Frees both sessions, once what is under way is done; a second call does nothing. */
  close(): Promise<void>;
}
