import type { WeightBits } from "./quantize-text-graph.js";

/** `onnx/model_int8.json`: how an int8 variant was made, and what it was found to be worth. */
export interface VariantManifest {
  readonly format: 1;
  /** Versioned: `row-int8.v1` rounds each token on a scale of its own, found while running, and weights by column. */
  readonly method: "row-int8.v1";
  readonly weightBits: WeightBits;
  /** The fp32 backbone that it was made from. */
  readonly source: {
    readonly id: string;
    readonly revision: string | null;
    readonly weightsDigest: string;
    readonly fingerprint: string;
    readonly bytes: number;
  };
  /** The graph that was written. */
  readonly weights: { readonly file: string; readonly sha256: string; readonly bytes: number };
  readonly layers: {
    /** Linear layers that multiply whole numbers. */
    readonly quantized: number;
    /** Of the tensors that they read, those whose outliers were moved into the weights. */
    readonly migrated: number;
  };
  /** Texts that the outliers were looked for in; `digest`: SHA-256 of them as a JSON list. */
  readonly calibration: { readonly input: string; readonly rows: number; readonly digest: string };
  readonly measured: VariantMeasures;
  /** Null where no labelled data was given. */
  readonly probe: ProbeLoss | null;
}

/** An int8 variant against its source, on texts that had no part in the calibration. */
export interface VariantMeasures {
  readonly input: string;
  readonly rows: number;
  readonly cosineMean: number;
  readonly cosineMin: number;
  /** Largest change of a vector that its neighbours in a batch make, relative to its length. */
  readonly neighbourInfluence: number;
  /** Texts a second against fp32's, measured in turns on the same length-sorted batches: above 1 is faster. */
  readonly speedRatio: number;
  /** The same by processor time, which other work on the machine does not change as much. */
  readonly processorRatio: number;
  readonly threads: number;
}

/** What a linear head loses by the variant, cross-validated in the same folds on both. */
export interface ProbeLoss {
  readonly input: string;
  readonly rows: number;
  readonly classes: number;
  readonly head: "linear-svm";
  readonly folds: number;
  readonly accuracy: { readonly fp32: number; readonly int8: number };
  /** Accuracy on int8 less that on fp32: below 0 is a loss. 95 %, paired bootstrap. */
  readonly difference: { readonly value: number; readonly low: number; readonly high: number };
}
