import type { Matrix } from "../linalg/matrix.js";
import { argmaxRows } from "./argmax.js";
import type { Calibration } from "./calibration-map.js";
import { checkTrainingLabels } from "./check-training-data.js";
import type { FitControl, FittedClassifier, Labels } from "./classifier.js";
import type { DecisionThreshold } from "./decision-threshold.js";
import { fitFeatures } from "./fit-features.js";
import { countClasses } from "./labels.js";
import { createHead, type Engine } from "./registry.js";
import type { Scale } from "./transforms/fit-transforms.js";
import type { PcaChoice, PcaOptions } from "./transforms/pca-options.js";
import type { FittedTransform } from "./transforms/transform.js";

/** What to train: a head's name, its options, and what is done to features before it sees them. */
export interface HeadRecipe {
  /** One of the names in `HEADS`, such as `linear-svm`. */
  readonly name: string;
  /** Default `headstart`. */
  readonly engine?: Engine | undefined;
  /** Options of the head. */
  readonly set?: Readonly<Record<string, unknown>> | undefined;
  /** Default `auto`: what suits the head, see `HEADS`. */
  readonly scale?: Scale | "auto" | undefined;
  /** Projection of the scaled features: components, or below 1 a share of their variance. Default: none. */
  readonly pca?: PcaChoice | undefined;
  /** Default 0. */
  readonly seed?: number | undefined;
}

/** Transforms and a classifier, trained; immutable. It sees embeddings as float32, as its ONNX file does. */
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
  /** What was asked for, `auto` resolved. */
  readonly scale: Scale;
  /** Null where features are not projected. */
  readonly pca: PcaOptions | null;
  /** What features go through, in this order; empty where they are taken as they are. */
  readonly transforms: readonly FittedTransform[];
  readonly classifier: FittedClassifier;
  /** How decision values become probabilities, where the classifier's own are not taken; see `calibratedHead`. */
  readonly calibration: Calibration | null;
  /** What is taken off the positive class's decision values; see `calibratedHead`. */
  readonly threshold: DecisionThreshold | null;
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
 * Fits the transforms that are wanted and a classifier.
 * @param X - `[n, dim]`; rounded to float32 first, so that memory and file agree. See `Classifier` on changing it later.
 * @throws {HeadstartError} `usage` for a head or option that does not exist; `data` for what cannot be learnt from.
 * @example const head = await fitHead({ name: "linear-svm", set: { C: 1 } }, X, encodeLabels(labels));
 */
export async function fitHead(
  recipe: HeadRecipe,
  X: Matrix,
  labels: Labels,
  control: FitControl = {},
): Promise<FittedHead> {
  const { name, engine = "headstart", set = {}, seed = 0 } = recipe;
  const estimator = createHead(name, { set, engine, seed });
  checkTrainingLabels(X, labels);
  const { scale, pca, transforms, features, prepare } = await fitFeatures(recipe, estimator, X, control);
  const classifier = await estimator.fit(features, labels, control);
  const dim = X.cols;
  const { probabilities } = classifier;
  const scores = (Q: Matrix): Matrix<Float64Array> => classifier.scores(prepare(Q));
  return Object.freeze({
    name,
    engine,
    seed,
    rows: X.rows,
    classRows: Array.from(countClasses(labels), (rows, code) => ({ name: labels.classes[code]!, rows })),
    classes: classifier.classes,
    dim,
    scale,
    pca,
    transforms,
    classifier,
    calibration: null,
    threshold: null,
    scores,
    probabilities: probabilities === null ? null : (Q: Matrix) => probabilities(prepare(Q)),
    predict: (Q) => Array.from(argmaxRows(scores(Q)), (code) => classifier.classes[code]!),
  } satisfies FittedHead);
}
