import { HeadstartError } from "../core/errors.js";
import type { Matrix } from "../linalg/matrix.js";
import { argmaxRows } from "./argmax.js";
import { checkFinite, checkTrainingData } from "./check-training-data.js";
import type { FitControl, FittedClassifier, Labels } from "./classifier.js";
import { countClasses } from "./labels.js";
import { createHead, type Engine, headEntry } from "./registry.js";
import { type FittedScaler, fitStandardScaler } from "./standard-scaler.js";

/** What to train: a head's name, its options, and how features are scaled. */
export interface HeadRecipe {
  /** `linear-svm`, `svm`, `random-forest`, `logistic-regression` or `knn`. */
  readonly name: string;
  /** Default `headstart`. */
  readonly engine?: Engine | undefined;
  /** Options of the head. */
  readonly set?: Readonly<Record<string, unknown>> | undefined;
  /** Default `auto`: what suits the head, see `HEADS`. */
  readonly scale?: "standard" | "none" | "auto" | undefined;
  /** Default 0. */
  readonly seed?: number | undefined;
}

/** A scaler and a classifier, trained; immutable. It sees embeddings as float32, as its ONNX file does. */
export interface FittedHead {
  readonly name: string;
  readonly engine: Engine;
  readonly seed: number;
  /** Rows that it was trained on. */
  readonly rows: number;
  /** The same by class, in the order of the classes. */
  readonly classRows: readonly { readonly name: string; readonly rows: number }[];
  readonly classes: readonly string[];
  readonly dim: number;
  /** Null where features are taken as they are. */
  readonly scaler: FittedScaler | null;
  readonly classifier: FittedClassifier;
  /**
   * Decision values `[n, classes]` float64; the label is the first largest.
   * @throws {ShapeError} for another number of columns. @throws {HeadstartError} `data` for NaN or infinity.
   */
  scores(X: Matrix): Matrix<Float64Array>;
  /** `[n, classes]`, rows sum to 1; null where the classifier has none. */
  readonly probabilities: ((X: Matrix) => Matrix<Float64Array>) | null;
  /** One label a row. */
  predict(X: Matrix): string[];
}

/**
 * Fits a scaler (where one is wanted) and a classifier.
 * @param X - `[n, dim]`; rounded to float32 first, so that memory and file agree.
 * @throws {HeadstartError} `usage` for a head or option that does not exist; `data` for what cannot be learnt from.
 * @example const head = await fitHead({ name: "linear-svm", set: { C: 1 } }, X, encodeLabels(labels));
 */
export async function fitHead(
  recipe: HeadRecipe,
  X: Matrix,
  labels: Labels,
  control: FitControl = {},
): Promise<FittedHead> {
  const { name, engine = "headstart", set = {}, scale = "auto", seed = 0 } = recipe;
  const estimator = createHead(name, { set, engine, seed });
  if (estimator.scaling === "none" && scale === "standard") {
    throw new HeadstartError("usage", "A precomputed kernel cannot be standardised", {
      facts: { head: name, scale },
      hint: "Leave the scaling out, and standardise the features before the kernel is computed.",
    });
  }
  const scaling = scale === "auto" ? (estimator.scaling ?? headEntry(name).scaling) : scale;
  checkTrainingData(X, labels);
  const rounded = toFloat32(X);
  const scaler = scaling === "standard" ? fitStandardScaler(rounded) : null;
  const features = scaler === null ? rounded : scaler.transform(rounded);
  const classifier = await estimator.fit(features, labels, control);
  const prepare = (Q: Matrix): Matrix<Float32Array> => {
    checkFinite("X", Q);
    const narrow = toFloat32(Q);
    return scaler === null ? narrow : scaler.transform(narrow);
  };
  const { probabilities } = classifier;
  const scores = (Q: Matrix): Matrix<Float64Array> => classifier.scores(prepare(Q));
  return Object.freeze({
    name,
    engine,
    seed,
    rows: X.rows,
    classRows: Array.from(countClasses(labels), (rows, code) => ({ name: labels.classes[code]!, rows })),
    classes: classifier.classes,
    dim: X.cols,
    scaler,
    classifier,
    scores,
    probabilities: probabilities === null ? null : (Q: Matrix) => probabilities(prepare(Q)),
    predict: (Q) => Array.from(argmaxRows(scores(Q)), (code) => classifier.classes[code]!),
  } satisfies FittedHead);
}

function toFloat32(X: Matrix): Matrix<Float32Array> {
  if (X.data instanceof Float32Array) return { data: X.data, rows: X.rows, cols: X.cols };
  return { data: Float32Array.from(X.data), rows: X.rows, cols: X.cols };
}
