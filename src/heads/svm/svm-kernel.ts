import { checkShape, type Matrix } from "../../linalg/matrix.js";
import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import type { KernelOptions } from "./svm-options.js";

/** A kernel with its numbers settled. */
export type Kernel =
  | { readonly kind: "linear" }
  | {
      readonly kind: "rbf";
      readonly gamma: number;
      /** Squared distances up to this share of the squared lengths are rounding, and count as zero; default none. */
      readonly same?: number;
    }
  | { readonly kind: "poly"; readonly gamma: number; readonly coef0: number; readonly degree: number }
  | { readonly kind: "sigmoid"; readonly gamma: number; readonly coef0: number }
  /** Rows hold kernel values already: `[n, training rows]`. */
  | { readonly kind: "precomputed" };

/**
 * Settles `gamma` on the training rows: `scale` is 1 / (dim · variance), or 1 where nothing varies.
 * @throws {ShapeError} if rows of a precomputed kernel are not `[n, n]`.
 */
export function resolveKernel(options: KernelOptions, X: Matrix): Kernel {
  const { kernel: kind, coef0, degree } = options;
  if (kind === "precomputed") {
    checkShape("X", X, X.rows, X.rows);
    return { kind };
  }
  if (kind === "linear") return { kind };
  const gamma =
    options.gamma === "scale" ? scaleGamma(X) : options.gamma === "auto" ? 1 / X.cols : options.gamma;
  if (kind === "rbf") return { kind, gamma };
  return kind === "poly" ? { kind, gamma, coef0, degree } : { kind, gamma, coef0 };
}

/** 1 / (dim · variance over all elements); 1 where nothing varies, as in scikit-learn. */
export function scaleGamma(X: Matrix): number {
  const { data } = X;
  let mean = 0;
  for (let k = 0; k < data.length; k++) mean += data[k]!;
  mean /= data.length;
  let variance = 0;
  for (let k = 0; k < data.length; k++) variance += (data[k]! - mean) ** 2;
  variance /= data.length;
  return variance === 0 ? 1 : 1 / (X.cols * variance);
}

/**
 * Turns scalar products into kernel values, in place: `values[offset + j]` for column j.
 * @param xx - squared length of the row that the values belong to.
 * @param yy - squared lengths of the other side, `yy[start + j]` for column j.
 */
export function applyKernel(
  kernel: Kernel,
  values: Float64Array,
  offset: number,
  count: number,
  xx: number,
  yy: Float64Array,
  start: number,
): void {
  if (kernel.kind === "linear") return;
  for (let j = 0; j < count; j++) {
    values[offset + j] = kernelValue(kernel, values[offset + j]!, xx, yy[start + j]!);
  }
}

/** The kernel of two rows from their scalar product and squared lengths. */
export function kernelValue(kernel: Kernel, dot: number, xx: number, yy: number): number {
  switch (kernel.kind) {
    case "linear":
    case "precomputed":
      return dot;
    case "rbf": {
      const squared = xx + yy - 2 * dot;
      return squared <= (kernel.same ?? 0) * (xx + yy) ? 1 : Math.exp(-kernel.gamma * squared);
    }
    case "poly":
      return (kernel.gamma * dot + kernel.coef0) ** kernel.degree;
    case "sigmoid":
      return Math.tanh(kernel.gamma * dot + kernel.coef0);
  }
}

/**
 * K(i, i) of every row, rounded to float32 as kernel rows are.
 * @param norms - squared lengths of the rows, from the centre where there is one.
 */
export function kernelDiagonal(kernel: Kernel, X: Matrix, norms: Float64Array): Float64Array {
  if (kernel.kind === "precomputed") return norms.map((_, i) => Math.fround(X.data[i * X.cols + i]!));
  return norms.map((norm) => Math.fround(kernelValue(kernel, norm, norm, norm)));
}

/**
 * Adds the kernel values of `x` against fixed rows to a graph, in float64: rounding then never decides a vote.
 * @param x - float64 `[n, dim]`.
 * @param rows - float32-exact `[m, dim]`, stored as float32.
 * @param norms - their squared lengths; with a centre, those from it.
 * @param centre - float64 `[1, dim]`, taken from the rows; from `x` it has been.
 * @returns float64 `[n, m]`.
 */
export function writeKernel(
  graph: GraphBuilder,
  kernel: Exclude<Kernel, { kind: "precomputed" }>,
  x: TensorName,
  rows: Matrix<Float64Array>,
  norms: Float64Array,
  centre: TensorName | null = null,
): TensorName {
  const stored = graph.float32(rows.data, [rows.rows, rows.cols], "support_vectors");
  const exact = graph.op("Cast", [stored], { to: { int: 11 } });
  const wide = centre === null ? exact : graph.op("Sub", [exact, centre]);
  const scalar = (value: number): TensorName => graph.float64([value], [1]);
  if (kernel.kind === "rbf") return writeGaussian(graph, kernel, x, wide, norms);
  const dots = graph.op("MatMul", [x, graph.op("Transpose", [wide], { perm: { ints: [1, 0] } })]);
  if (kernel.kind === "linear") return dots;
  const affine = graph.op("Add", [graph.op("Mul", [dots, scalar(kernel.gamma)]), scalar(kernel.coef0)]);
  return kernel.kind === "poly"
    ? graph.op("Pow", [affine, scalar(kernel.degree)])
    : graph.op("Tanh", [affine]);
}

/**
 * exp(-gamma |x - y|²). Unless rounding must be settled, the exponent is one product: of `[x, |x|²]` with
 * `[2 gamma y, -gamma]`, and -gamma |y|² as its bias, so that the `[n, m]` numbers are gone through once.
 */
function writeGaussian(
  graph: GraphBuilder,
  { gamma, same }: Extract<Kernel, { kind: "rbf" }>,
  x: TensorName,
  rows: TensorName,
  norms: Float64Array,
): TensorName {
  const scalar = (value: number): TensorName => graph.float64([value], [1]);
  const xx = graph.op("ReduceSum", [graph.op("Mul", [x, x]), graph.int64([1], [1])]);
  if (same === undefined) {
    const last = graph.float64(new Float64Array(norms.length).fill(-gamma), [norms.length, 1]);
    const left = graph.op("Concat", [x, xx], { axis: { int: 1 } });
    const scaled = graph.op("Mul", [rows, scalar(2 * gamma)]);
    const right = graph.op("Concat", [scaled, last], { axis: { int: 1 } });
    const bias = graph.float64(
      norms.map((norm) => -gamma * norm),
      [norms.length],
    );
    return graph.op("Exp", [graph.op("Gemm", [left, right, bias], { transB: { int: 1 } })]);
  }
  const dots = graph.op("MatMul", [x, graph.op("Transpose", [rows], { perm: { ints: [1, 0] } })]);
  const sum = graph.op("Add", [xx, graph.float64(norms, [1, norms.length])]);
  const distance = graph.op("Sub", [sum, graph.op("Mul", [dots, scalar(2)])]);
  const isRounding = graph.op("LessOrEqual", [distance, graph.op("Mul", [sum, scalar(same)])]);
  const settled = graph.op("Where", [isRounding, scalar(0), distance]);
  return graph.op("Exp", [graph.op("Mul", [settled, scalar(-gamma)])]);
}
