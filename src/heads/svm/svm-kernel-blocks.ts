import { cpuCount } from "../../core/cpu-count.js";
import { type FloatArray, type Matrix, selectRows } from "../../linalg/matrix.js";
import { encodeModel } from "../../onnx/encode-model.js";
import { graphBuilder } from "../../onnx/graph-builder.js";
import { type Feed, openSession, type Session } from "../../onnx/session.js";
import type { Kernel } from "./svm-kernel.js";

/** What the products of a kernel are computed in; its values are float32 either way. */
export type BlockPrecision = "float32" | "float64";

/** The rows that a kernel is of. */
export interface KernelSource {
  /** `[n, dim]`, float32-exact. */
  readonly X: Matrix;
  /** Taken from every row first, so that little cancels; null: none. */
  readonly centre: Float64Array | null;
  /** The rows of X that the kernel's own stand for; null: all, as they lie. */
  readonly order: Int32Array | null;
}

/** Kernel values, computed when asked for. */
export interface KernelBlocks {
  /** Makes some rows ready to be the right side of blocks; those from n on are zeros. */
  right(rows: ArrayLike<number>): RightRows;
  /** Makes some of those, by their places, ready to be the left side. */
  left(right: RightRows, places: ArrayLike<number>): LeftRows;
  /** @param out - `[left rows, to - from]`, written: values with the right rows `from` to `to`, in their order. */
  compute(left: LeftRows, right: RightRows, from: number, to: number, out: Float32Array): Promise<void>;
}

/** Rows with their own constants in one more column. */
export interface LeftRows {
  readonly rows: number;
  readonly data: FloatArray;
}

/** Rows with a 1 in one more column, and what is added to each of them. */
export interface RightRows {
  readonly data: FloatArray;
  readonly bias: FloatArray;
}

/**
 * The kernel of rows with each other, block by block on ONNX Runtime: products, exponentials and all.
 * Every kernel is a function of one affine form, so that it is one product with a bias, and the function: `x·y` times
 * gamma plus coef0, or -gamma |x - y|² written as 2 gamma x·y - gamma |x|² - gamma |y|². The root of the factor lies
 * in the rows.
 */
export function kernelBlocks(
  kernel: Exclude<Kernel, { kind: "precomputed" }>,
  source: KernelSource,
  { precision, threads = cpuCount() }: { precision: BlockPrecision; threads?: number | undefined },
): KernelBlocks {
  const factor = kernel.kind === "linear" ? 1 : kernel.kind === "rbf" ? 2 * kernel.gamma : kernel.gamma;
  const Type = precision === "float32" ? Float32Array : Float64Array;
  const n = source.order?.length ?? source.X.rows;
  const cols = source.X.cols + 1;
  const exponent = new Type([kernel.kind === "poly" ? kernel.degree : 1]);
  const feed = (data: FloatArray, dims: number[]): Feed => ({ dtype: precision, data, dims }) as Feed;
  return {
    right(rows) {
      const data = new Type(rows.length * cols);
      const squares = new Type(rows.length);
      for (let k = 0; k < rows.length; k++) {
        if (rows[k]! < n) squares[k] = fillRow(source, rows[k]!, Math.sqrt(factor), data, k * cols);
        data[(k + 1) * cols - 1] = 1;
      }
      return { data, bias: kernel.kind === "rbf" ? squares : squares.fill(constantOf(kernel)) };
    },
    left(right, places) {
      const { data } = selectRows<FloatArray>({ data: right.data, rows: right.bias.length, cols }, places);
      for (let k = 0; k < places.length; k++) {
        data[(k + 1) * cols - 1] = kernel.kind === "rbf" ? right.bias[places[k]!]! : 0;
      }
      return { rows: places.length, data };
    },
    async compute(left, right, from, to, out) {
      const session = await blockSession(kernel.kind, precision, threads);
      const feeds = {
        a: feed(left.data, [left.rows, cols]),
        x: feed(right.data.subarray(from * cols, to * cols), [to - from, cols]),
        columns: feed(right.bias.subarray(from, to), [to - from]),
        ...(kernel.kind === "poly" && { exponent: feed(exponent, [1]) }),
      };
      await session.run(feeds, { y: { dtype: "float32", data: out, dims: [left.rows, to - from] } });
    },
  };
}

const constantOf = (kernel: Kernel): number => ("coef0" in kernel ? kernel.coef0 : 0);

/** Writes the kernel's row i, centred, times `root`. @returns minus half its squared length. */
function fillRow(
  { X, centre, order }: KernelSource,
  i: number,
  root: number,
  out: FloatArray,
  to: number,
): number {
  const { data, cols } = X;
  const from = (order === null ? i : order[i]!) * cols;
  let sum = 0;
  for (let k = 0; k < cols; k++) {
    const value = (data[from + k]! - (centre === null ? 0 : centre[k]!)) * root;
    out[to + k] = value;
    sum += value * value;
  }
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
