import { HeadstartError } from "../../core/errors.js";
import { checkShape, type Matrix } from "../../linalg/matrix.js";
import { float32Data } from "../../linalg/row-dots.js";
import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import { checkFinite } from "../check-training-data.js";
import type { Convergence, FitControl } from "../classifier.js";
import { kernelBasis } from "./svm-basis.js";
import { decider, type SupportVectors, writeDecisions } from "./svm-decisions.js";
import { trainingKernel } from "./svm-kernel-rows.js";
import type { KernelOptions, SolverOptions } from "./svm-options.js";
import { kernelProblem } from "./svm-problem.js";
import { rowSpaces } from "./svm-row-space.js";
import { type SmoProblem, solveSmo } from "./svm-smo.js";

/** A trained model whose answer is one number a row: a weighed sum of kernel values and an offset. Immutable. */
export interface FittedKernelSum {
  /** Versioned, such as `svr.v1`. */
  readonly id: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** Features that it expects; training rows, with a precomputed kernel. */
  readonly dim: number;
  /** Rows that it was trained on. */
  readonly rows: number;
  readonly convergence: Convergence;
  readonly supportVectors: number;
  /** The kernel with `gamma` as a number. */
  readonly kernel: Readonly<Record<string, unknown>>;
  /**
   * @param X - `[n, dim]`, rounded to float32 first, as its file would.
   * @returns one number a row.
   * @throws {ShapeError} for another number of columns. @throws {HeadstartError} `data` for NaN or infinity.
   */
  predict(X: Matrix): Float64Array;
  /** Adds the nodes that compute it from `x`, float32 `[n, dim]`, to a graph; gives float32 `[n]`. */
  writeGraph(graph: GraphBuilder, x: TensorName): TensorName;
}

/** The problem of n rows; variable t weighs row `at[t]`. */
export interface KernelSumProblem {
  readonly id: string;
  readonly options: KernelOptions & SolverOptions;
  /** Largest bound of a variable. */
  readonly C: number;
  readonly variables: Pick<SmoProblem, "at" | "linear" | "low" | "high" | "start">;
}

/**
 * Solves a problem of one sum.
 * @throws {HeadstartError} `data` for no rows or columns, NaN or infinity, and for a kernel that overflows.
 */
export async function fitKernelSum(
  { id, options, C, variables }: KernelSumProblem,
  X: Matrix,
  { threads, signal }: FitControl,
): Promise<FittedKernelSum> {
  const { tol, maxIter } = options;
  const narrow = { data: float32Data(X), rows: X.rows, cols: X.cols };
  const { kernel, centre, precision } = kernelProblem(options, narrow, { C, tol });
  const bytes = options.cacheMegabytes * 2 ** 20;
  const { beta, rho, converged, iterations } = await solveSmo({
    ...variables,
    kernel: trainingKernel(
      kernel,
      { X: narrow, centre, order: null },
      { threads, signal, precision, bytes, spaces: rowSpaces() },
    ),
    tol,
    maxIter,
    signal,
  });
  const weights = new Float64Array(X.rows);
  for (let t = 0; t < beta.length; t++) weights[variables.at[t]!]! += beta[t]!;
  const used = Array.from(weights.keys()).filter((row) => weights[row] !== 0);
  const kept = used.length > 0 ? used : [0];
  const vectors: SupportVectors = {
    basis: kernelBasis(kernel, narrow, kept, centre),
    classes: 2,
    starts: Int32Array.of(0, kept.length, kept.length),
    coefficients: Float64Array.from(kept, (row) => weights[row]!),
    intercepts: Float64Array.of(-rho),
  };
  const decide = decider(vectors);
  return Object.freeze({
    id,
    options: { ...options },
    dim: X.cols,
    rows: X.rows,
    convergence: Object.freeze({ converged, iterations }),
    supportVectors: used.length,
    kernel: Object.freeze(kernel),
    predict(Q) {
      checkShape("X", Q, "*", X.cols);
      checkFinite("X", Q);
      const values = new Float64Array(Q.rows);
      decide(Q, (row, decisions) => {
        values[row] = decisions[0]!;
      });
      return values;
    },
    writeGraph(graph, x) {
      const sums = graph.op("Cast", [writeDecisions(graph, vectors, x)], { to: { int: 1 } });
      return graph.op("Reshape", [sums, graph.int64([-1], [1])]);
    },
  } satisfies FittedKernelSum);
}

/** @throws {HeadstartError} `data` for no rows or columns, or NaN or infinity (naming row and column). */
export function checkRows(X: Matrix): void {
  if (X.rows === 0 || X.cols === 0) {
    throw new HeadstartError("data", `There is nothing to train on: X is [${X.rows}, ${X.cols}]`, {
      facts: { rows: X.rows, cols: X.cols },
      hint: "Give at least one row.",
    });
  }
  checkFinite("X", X);
}
