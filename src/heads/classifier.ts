import type { OnProgress } from "../core/progress.js";
import type { Matrix } from "../linalg/matrix.js";
import type { GraphBuilder, TensorName } from "../onnx/graph-builder.js";

/** Class labels as codes: row i is of class `classes[codes[i]]`. */
export interface Labels {
  readonly codes: Int32Array;
  /** Sorted by code unit, each present at least once in the training rows. */
  readonly classes: readonly string[];
}

/** `balanced` weighs classes by n / (classes · count), as scikit-learn does. */
export type ClassWeight = null | "balanced" | Readonly<Record<string, number>>;

/** What a fit may use and whom it tells; none of it changes the model. */
export interface FitControl {
  /** Default: the processors that this process may use. */
  readonly threads?: number;
  readonly onProgress?: OnProgress;
  /** Aborting throws `interrupted` where the solver next looks. */
  readonly signal?: AbortSignal;
}

/** Hyper-parameters that were validated; `fit` never changes them. */
export interface Classifier<Options = unknown> {
  /** Versioned, such as `linear-svm.v1`. */
  readonly id: string;
  readonly options: Readonly<Options>;
  /** `none` where features must stay as they are: the values of a precomputed kernel. */
  readonly scaling?: "none";
  /**
   * @param X - `[n, dim]`, float32 or float64; never changed. The model may go on reading float32 rows from this buffer,
   *   as kNN does, which is nothing but its training rows: whoever writes to it later, gives a copy.
   * @param y - n codes.
   * @throws {ShapeError} if X and y disagree. @throws {HeadstartError} `data` for NaN or infinity (with the row), for one class only.
   */
  fit(X: Matrix, y: Labels, control?: FitControl): Promise<FittedClassifier>;
}

/** Whether an iterative solver reached its tolerance. */
export interface Convergence {
  readonly converged: boolean;
  readonly iterations: number;
}

/** A trained classifier; immutable. */
export interface FittedClassifier {
  readonly id: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly classes: readonly string[];
  /** Features that it expects. */
  readonly dim: number;
  /** Null for what is not iterative. */
  readonly convergence: Convergence | null;
  /** Decision values, `[n, classes]` float64: the label is always the first largest. */
  scores(X: Matrix): Matrix<Float64Array>;
  /** Class probabilities, `[n, classes]`, rows sum to 1; null where the estimator has none. */
  readonly probabilities: ((X: Matrix) => Matrix<Float64Array>) | null;
  /** Adds the nodes that compute scores (and probabilities) from `x` `[n, dim]` float32 to a graph. */
  writeGraph(graph: GraphBuilder, x: TensorName): { scores: TensorName; probabilities: TensorName | null };
}
