import { HeadstartError } from "../../core/errors.js";
import { throwIfInterrupted } from "../../core/interrupted.js";
import { type Matrix, zeros } from "../../linalg/matrix.js";
import { calibratedProbabilities } from "../calibrated-probabilities.js";
import type { Calibration } from "../calibration-map.js";
import { checkFinite } from "../check-training-data.js";
import type { Convergence, FitControl, FittedClassifier } from "../classifier.js";
import { fitFeatures } from "../fit-features.js";
import type { FittedHead, HeadRecipe } from "../head.js";
import { createHead } from "../registry.js";
import { constantClassifier } from "./constant-classifier.js";
import { checkSets, columnOf, countLabels, type LabelSets } from "./label-sets.js";

/** What each label's binary head calls its two classes. */
export const BINARY_CLASSES = ["no", "yes"] as const;

/** Transforms and one binary classifier a label (binary relevance), trained; immutable. */
export interface FittedMultiLabelHead
  extends Pick<FittedHead, "name" | "engine" | "seed" | "rows" | "dim" | "scale" | "pca" | "transforms"> {
  /** Of the classifiers, versioned. */
  readonly id: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** Sorted by code unit. */
  readonly labels: readonly string[];
  /** Training rows that have each. */
  readonly labelRows: readonly { readonly name: string; readonly rows: number }[];
  /** One a label, its classes those of {@link BINARY_CLASSES}; constant where all rows have the label, or none. */
  readonly classifiers: readonly FittedClassifier[];
  /** One a label; null where probabilities are the classifiers' own. */
  readonly calibrations: readonly Calibration[] | null;
  /** Taken off the scores, one a label. */
  readonly thresholds: Float64Array;
  /** Converged where all classifiers are; the most iterations of one. Null for what is not iterative. */
  readonly convergence: Convergence | null;
  /**
   * `[n, labels]` float64: half of the decision value for the label less that against it, less the threshold.
   * @throws {ShapeError} for another number of columns. @throws {HeadstartError} `data` for NaN or infinity.
   */
  scores(X: Matrix): Matrix<Float64Array>;
  /** `[n, labels]`: of each label by itself; null where the classifiers have none. */
  readonly probabilities: ((X: Matrix) => Matrix<Float64Array>) | null;
  /**
   * The head with calibrated probabilities, with thresholds, or with both; the head itself stays as it is.
   * @throws {HeadstartError} `usage` for a head that has either already.
   */
  decide(decision: MultiLabelDecision): FittedMultiLabelHead;
}

/** What is laid over a trained head. */
export interface MultiLabelDecision {
  /** One a label. */
  readonly calibrations: readonly Calibration[] | null;
  /** One a label. */
  readonly thresholds: Float64Array | null;
}

/** Which labels scores decide for, `[n, labels]`: 1 where the score is above 0. */
export function decidedLabels({ data }: Matrix): Uint8Array {
  return Uint8Array.from(data, (score) => Number(score > 0));
}

/**
 * Fits the transforms once and a binary classifier for each label.
 * A label that all rows have, or none, is always or never given. Progress is told by label, whatever a classifier has
 * to tell of its own fit.
 * @param X - `[n, dim]`, at least one row and column. @param sets - one a row; at least one label.
 * @throws {HeadstartError} `usage` for a head or option that does not exist; `data` for what cannot be learnt from;
 *   `interrupted`.
 * @example const head = await fitMultiLabelHead({ name: "logistic-regression" }, X, encodeLabelSets(sets));
 */
export async function fitMultiLabelHead(
  recipe: HeadRecipe,
  X: Matrix,
  sets: LabelSets,
  control: FitControl = {},
): Promise<FittedMultiLabelHead> {
  const { name, engine = "headstart", set = {}, seed = 0 } = recipe;
  const estimator = createHead(name, { set, engine, seed });
  checkSets(X.rows, sets);
  if (X.rows === 0 || X.cols === 0 || sets.labels.length === 0) {
    throw new HeadstartError(
      "data",
      `There is nothing to train on: X is [${X.rows}, ${X.cols}], with ${sets.labels.length} labels`,
      { facts: { rows: X.rows, cols: X.cols, labels: sets.labels.length } },
    );
  }
  checkFinite("X", X);
  const { scale, pca, transforms, features, prepare } = await fitFeatures(recipe, estimator, X, control);
  const counts = countLabels(sets);
  const { onProgress, ...ofLabel } = control;
  const classifiers: FittedClassifier[] = [];
  for (let k = 0; k < sets.labels.length; k++) {
    throwIfInterrupted(control.signal);
    const count = counts[k]!;
    const codes = Int32Array.from(columnOf(sets, k));
    classifiers.push(
      count === 0 || count === X.rows
        ? constantClassifier(BINARY_CLASSES, count === 0 ? 0 : 1, features.cols)
        : await estimator.fit(features, { codes, classes: BINARY_CLASSES }, ofLabel),
    );
    onProgress?.({ stage: "fit", done: k + 1, total: sets.labels.length, unit: "labels" });
  }
  const learnt = classifiers.filter(({ id }) => id === estimator.id);
  const parts = { name, engine, seed, rows: X.rows, dim: X.cols, scale, pca, transforms, classifiers };
  const hasProbabilities = (learnt.length > 0 ? learnt : classifiers).every((one) => one.probabilities);
  return decided(
    {
      ...parts,
      id: estimator.id,
      options: learnt[0]?.options ?? { ...(estimator.options as Readonly<Record<string, unknown>>) },
      labels: sets.labels,
      labelRows: sets.labels.map((label, k) => ({ name: label, rows: counts[k]! })),
      convergence: convergenceOf(classifiers),
    },
    { prepare, hasProbabilities },
    { calibrations: null, thresholds: null },
  );
}

/** What a head needs beside its parts. */
interface Inside {
  prepare(X: Matrix): Matrix<Float32Array>;
  readonly hasProbabilities: boolean;
}

type Fitted = Omit<
  FittedMultiLabelHead,
  "calibrations" | "thresholds" | "scores" | "probabilities" | "decide"
>;

function decided(
  fitted: Fitted,
  inside: Inside,
  { calibrations, thresholds: given }: MultiLabelDecision,
): FittedMultiLabelHead {
  const { classifiers } = fitted;
  const thresholds = given ?? new Float64Array(classifiers.length);
  /** A column a label, of what a classifier says of all rows. */
  const columns = (
    X: Matrix,
    column: (classifier: FittedClassifier, code: number, features: Matrix) => (row: number) => number,
  ): Matrix<Float64Array> => {
    const features = inside.prepare(X);
    const out = zeros(X.rows, classifiers.length);
    classifiers.forEach((classifier, code) => {
      const value = column(classifier, code, features);
      for (let i = 0; i < X.rows; i++) out.data[i * classifiers.length + code] = value(i);
    });
    return out;
  };
  return Object.freeze({
    ...fitted,
    calibrations,
    thresholds,
    scores: (X: Matrix) =>
      columns(X, (classifier, code, features) => {
        const { data } = classifier.scores(features);
        return (i) => (data[2 * i + 1]! - data[2 * i]!) / 2 - thresholds[code]!;
      }),
    probabilities:
      calibrations === null && !inside.hasProbabilities
        ? null
        : (X: Matrix) =>
            columns(X, (classifier, code, features) => {
              const { data } = calibrations
                ? calibratedProbabilities(calibrations[code]!, classifier.scores(features))
                : classifier.probabilities!(features);
              return (i) => data[2 * i + 1]!;
            }),
    decide(decision) {
      if (calibrations === null && given === null) return decided(fitted, inside, decision);
      throw new HeadstartError("usage", "The head is calibrated, or has thresholds, already", {
        hint: "Start from the head as it was fitted.",
      });
    },
  } satisfies FittedMultiLabelHead);
}

function convergenceOf(classifiers: readonly FittedClassifier[]): Convergence | null {
  const found = classifiers.flatMap(({ convergence }) => (convergence === null ? [] : [convergence]));
  if (found.length === 0) return null;
  return {
    converged: found.every(({ converged }) => converged),
    iterations: Math.max(...found.map(({ iterations }) => iterations)),
  };
}
