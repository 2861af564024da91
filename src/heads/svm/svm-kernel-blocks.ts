import { cpuCount } from "../../core/cpu-count.js";
import { type FloatArray, type Matrix, selectRows } from "../../linalg/matrix.js";
import { encodeModel } from "../../onnx/encode-model.js";
import { graphBuilder } from "../../onnx/graph-builder.js";
import { type Feed, openSession, type Session } from "../../onnx/session.js";
import type { Kernel } from "./svm-kernel.js";

/** What the products of a kernel are computed in; its values are float32 either way. */
export type BlockPrecision = "float32" | "float64";

/** Kernel values of some rows against all. */
export interface KernelBlocks {
  /** @param out - `[rows.length, n]`, written. */
  compute(rows: ArrayLike<number>, out: Float32Array): Promise<void>;
}

/**
 * The kernel of rows with each other, block by block on ONNX Runtime: products, exponentials and all.
 * Every kernel is a function of one affine form, so that it is one product with a bias, and the function: `x·y` times
 * gamma plus coef0, or -gamma |x - y|² written as 2 gamma x·y - gamma |x|² - gamma |y|². The root of the factor lies
 * in the rows.
 * @param X - rows, centred for rbf, so that little cancels.
 */
export function kernelBlocks(
  kernel: Exclude<Kernel, { kind: "precomputed" }>,
  X: Matrix<Float64Array>,
  precision: BlockPrecision,
  threads: number = cpuCount(),
): KernelBlocks {
  const factor = kernel.kind === "linear" ? 1 : kernel.kind === "rbf" ? 2 * kernel.gamma : kernel.gamma;
  const Type = precision === "float32" ? Float32Array : Float64Array;
  // One more column: of the left rows their own constant, of the right ones 1.
  const cols = X.cols + 1;
  const left: Matrix<FloatArray> = { data: new Type(X.rows * cols), rows: X.rows, cols };
  const right = new Type(X.rows * cols);
  const columnBias = new Type(X.rows);
  for (let i = 0; i < X.rows; i++) columnBias[i] = fillRow(X, i, Math.sqrt(factor), left.data, right);
  if (kernel.kind !== "rbf") {
    columnBias.fill(kernel.kind === "linear" ? 0 : kernel.coef0);
    for (let i = 0; i < X.rows; i++) left.data[(i + 1) * cols - 1] = 0;
  }
  const exponent = new Type([kernel.kind === "poly" ? kernel.degree : 1]);
  const feed = (data: FloatArray, dims: number[]): Feed => ({ dtype: precision, data, dims }) as Feed;
  return {
    async compute(rows, out) {
      const session = await blockSession(kernel.kind, precision, threads);
      const feeds = {
        a: feed(selectRows(left, rows).data, [rows.length, cols]),
        x: feed(right, [X.rows, cols]),
        columns: feed(columnBias, [X.rows]),
        ...(kernel.kind === "poly" && { exponent: feed(exponent, [1]) }),
      };
      await session.run(feeds, { y: { dtype: "float32", data: out, dims: [rows.length, X.rows] } });
    },
  };
}

/** Writes row i times `root` to both sides, with minus half its squared length, which it returns, at the left end. */
function fillRow(
  X: Matrix<Float64Array>,
  i: number,
  root: number,
  left: FloatArray,
  right: FloatArray,
): number {
  const to = i * (X.cols + 1);
  let sum = 0;
  for (let k = 0; k < X.cols; k++) {
    const value = X.data[i * X.cols + k]! * root;
    left[to + k] = value;
    right[to + k] = value;
    sum += value * value;
  }
  left[to + X.cols] = -sum / 2;
  right[to + X.cols] = 1;
  return -sum / 2;
}

/** Reloading sessions grows memory, so each kind is opened once, at its first use, and kept. */
const sessions = new Map<string, Promise<Session>>();

function blockSession(kind: Kernel["kind"], precision: BlockPrecision, threads: number): Promise<Session> {
  const key = `${kind} ${precision} ${threads}`;
  let session = sessions.get(key);
  if (session === undefined) {
    const graph = graphBuilder({ name: `${kind}-kernel` });
    const a = graph.input("a", precision, ["m", "dim"]);
    const x = graph.input("x", precision, ["n", "dim"]);
    const columns = graph.input("columns", precision, ["n"]);
    let y = graph.op("Gemm", [a, x, columns], { transB: { int: 1 } });
    if (kind === "rbf") y = graph.op("Exp", [y]);
    else if (kind === "poly") y = graph.op("Pow", [y, graph.input("exponent", precision, [1])]);
    else if (kind === "sigmoid") y = graph.op("Tanh", [y]);
    if (precision === "float64") y = graph.op("Cast", [y], { to: { int: 1 } });
    graph.output(y, "y", "float32", ["m", "n"]);
    session = openSession(encodeModel(graph.build()), { threads, spin: false });
    sessions.set(key, session);
  }
  return session;
}
