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
  /** Some rows against all. @param out - `[rows.length, n]`, written. */
  compute(rows: ArrayLike<number>, out: Float32Array): Promise<void>;
  /** `side` rows from one on against as many from another on. @param out - `[side, side]`, written. */
  tile(rowFrom: number, columnFrom: number, side: number, out: Float32Array): Promise<void>;
}

/**
 * The kernel of rows with each other, block by block on ONNX Runtime: products, exponentials and all.
 * Every kernel is a function of one affine form, so that it is one product with a bias, and the function: `x·y` times
 * gamma plus coef0, or -gamma |x - y|² written as 2 gamma x·y - gamma |x|² - gamma |y|². The root of the factor lies
 * in the rows.
 * @param padded - rows that tiles may reach, at least n: those beyond are zeros.
 */
export function kernelBlocks(
  kernel: Exclude<Kernel, { kind: "precomputed" }>,
  source: KernelSource,
  { precision, threads = cpuCount() }: { precision: BlockPrecision; threads?: number | undefined },
  padded = 0,
): KernelBlocks {
  const factor = kernel.kind === "linear" ? 1 : kernel.kind === "rbf" ? 2 * kernel.gamma : kernel.gamma;
  const Type = precision === "float32" ? Float32Array : Float64Array;
  const n = source.order?.length ?? source.X.rows;
  // One more column: of the right rows 1, of the left ones their own constant.
  const cols = source.X.cols + 1;
  const right = new Type(Math.max(n, padded) * cols);
  const bias = new Type(Math.max(n, padded));
  for (let i = 0; i < n; i++) bias[i] = fillRow(source, i, Math.sqrt(factor), right);
  const columnBias = kernel.kind === "rbf" ? bias : bias.map(() => constantOf(kernel));
  const exponent = new Type([kernel.kind === "poly" ? kernel.degree : 1]);
  const feed = (data: FloatArray, dims: number[]): Feed => ({ dtype: precision, data, dims }) as Feed;
  const left = (rows: ArrayLike<number>): Feed => {
    const { data } = selectRows<FloatArray>({ data: right, rows: n, cols }, rows);
    for (let k = 0; k < rows.length; k++)
      data[(k + 1) * cols - 1] = kernel.kind === "rbf" ? bias[rows[k]!]! : 0;
    return feed(data, [rows.length, cols]);
  };
  const run = async (a: Feed, from: number, to: number, out: Float32Array): Promise<void> => {
    const session = await blockSession(kernel.kind, precision, threads);
    const feeds = {
      a,
      x: feed(right.subarray(from * cols, to * cols), [to - from, cols]),
      columns: feed(columnBias.subarray(from, to), [to - from]),
      ...(kernel.kind === "poly" && { exponent: feed(exponent, [1]) }),
    };
    await session.run(feeds, { y: { dtype: "float32", data: out, dims: [a.dims[0]!, to - from] } });
  };
  let band: { from: number; left: Feed } | null = null;
  return {
    compute: (rows, out) => run(left(rows), 0, n, out),
    tile(rowFrom, columnFrom, side, out) {
      if (band?.from !== rowFrom) {
        band = { from: rowFrom, left: left(Array.from({ length: side }, (_, k) => rowFrom + k)) };
      }
      return run(band.left, columnFrom, columnFrom + side, out);
    },
  };
}

const constantOf = (kernel: Kernel): number => ("coef0" in kernel ? kernel.coef0 : 0);

/** Writes the kernel's row i, centred, times `root`, and a 1. @returns minus half its squared length. */
function fillRow({ X, centre, order }: KernelSource, i: number, root: number, out: FloatArray): number {
  const { data, cols } = X;
  const from = (order === null ? i : order[i]!) * cols;
  const to = i * (cols + 1);
  let sum = 0;
  for (let k = 0; k < cols; k++) {
    const value = (data[from + k]! - (centre === null ? 0 : centre[k]!)) * root;
    out[to + k] = value;
    sum += value * value;
  }
  out[to + cols] = 1;
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
