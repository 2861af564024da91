import { cpuCount } from "../core/cpu-count.js";
import { ShapeError } from "../core/errors.js";
import { encodeModel } from "../onnx/encode-model.js";
import { graphBuilder } from "../onnx/graph-builder.js";
import { openSession, type Session } from "../onnx/session.js";
import type { FloatArray, Matrix } from "./matrix.js";

/** How the operands of a product are read, and where it goes. */
export interface GemmOptions<Data extends FloatArray> {
  /** Multiply by the transpose of A, which is then `[k, m]`. */
  readonly transposeA?: boolean;
  /** Multiply by the transpose of B, which is then `[n, k]`. */
  readonly transposeB?: boolean;
  /** Written to instead of a new buffer; `m * n` elements. */
  readonly out?: Data;
  /** Default: the processors that this process may use. */
  readonly threads?: number;
}

/**
 * The product of two matrices, on ONNX Runtime: as fast as a BLAS, about a hundred times plain loops.
 * The event loop stands still for the whole of it. Sums are rounded in an order that depends on the shapes and the
 * number of threads: the last bits of an element are not its own.
 * @param A - `[m, k]`, or `[k, m]` transposed. @param B - `[k, n]`, or `[n, k]` transposed, of A's dtype.
 * @returns `[m, n]` in the operands' dtype.
 * @throws {ShapeError} if the inner sizes, or the size of `out`, disagree.
 */
export async function gemm<Data extends FloatArray>(
  A: Matrix<Data>,
  B: Matrix<Data>,
  options: GemmOptions<Data> = {},
): Promise<Matrix<Data>> {
  const { transposeA = false, transposeB = false, threads = cpuCount() } = options;
  const [m, k] = transposeA ? [A.cols, A.rows] : [A.rows, A.cols];
  const [inner, n] = transposeB ? [B.cols, B.rows] : [B.rows, B.cols];
  if (inner !== k) throw new ShapeError("B", transposeB ? ["*", k] : [k, "*"], [B.rows, B.cols]);
  const Type = A.data.constructor as new (length: number) => Data;
  const data = options.out ?? new Type(m * n);
  if (data.length !== m * n) throw new ShapeError("out", [m, n], [data.length]);
  if (m === 0 || n === 0) return { data, rows: m, cols: n };
  if (k === 0) return { data: data.fill(0) as Data, rows: m, cols: n };
  const dtype = A.data instanceof Float32Array ? "float32" : "float64";
  // A float32 vector times a matrix runs on one thread whatever is allowed; waking the others only takes time.
  const lone = dtype === "float32" && (m === 1 || n === 1) && !transposeA && !transposeB;
  const session = await productSession(dtype, transposeA, transposeB, lone ? 1 : threads);
  await session.run({ a: feed(A), b: feed(B) }, { y: feed({ data, rows: m, cols: n }) });
  return { data, rows: m, cols: n };
}

function feed({ data, rows, cols }: Matrix): { dtype: "float32" | "float64"; data: never; dims: number[] } {
  const dtype = data instanceof Float32Array ? "float32" : "float64";
  return { dtype, data: data as never, dims: [rows, cols] };
}

/** Reloading sessions grows memory, so each kind is opened once, at its first use, and kept. */
const sessions = new Map<string, Promise<Session>>();

function productSession(
  dtype: "float32" | "float64",
  transposeA: boolean,
  transposeB: boolean,
  threads: number,
): Promise<Session> {
  const key = `${dtype} ${transposeA} ${transposeB} ${threads}`;
  let session = sessions.get(key);
  if (session === undefined) {
    const graph = graphBuilder({ name: "gemm" });
    const a = graph.input("a", dtype, ["a0", "a1"]);
    const b = graph.input("b", dtype, ["b0", "b1"]);
    const transposed = { transA: { int: Number(transposeA) }, transB: { int: Number(transposeB) } };
    graph.output(graph.op("Gemm", [a, b], transposed), "y", dtype, ["m", "n"]);
    session = openSession(encodeModel(graph.build()), { threads, spin: false });
    sessions.set(key, session);
  }
  return session;
}
