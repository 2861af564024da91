import { gemm } from "../../linalg/gemm.js";
import type { FloatArray, Matrix } from "../../linalg/matrix.js";
import type { PositiveOperator } from "./conjugate-gradients.js";
import { dot } from "./linear-model.js";
import type { MarginGram } from "./margin-gram.js";

/** The widest Hessian that is worth its forming; beyond it, rows are multiplied through each time. */
export const WIDEST_HESSIAN = 1024;

/** The rows whose Hessian is asked for. */
export interface MarginRows<Data extends FloatArray> {
  readonly X: Matrix<Data>;
  /** C_i, one a row. */
  readonly costs: Float64Array;
  /** 1 for each row inside the margin. */
  readonly inside: Uint8Array;
  readonly fitIntercept: boolean;
  readonly threads: number;
}

/**
 * The Hessian of the squared hinge, I + 2 sum C_i [x_i 1] [x_i 1]^T over the rows inside the margin, as a matrix.
 * @param gram - of the same rows, weighted by C_i.
 */
export async function formedHessian<Data extends FloatArray>(
  { X, inside, fitIntercept }: MarginRows<Data>,
  gram: MarginGram,
): Promise<PositiveOperator> {
  const { cols } = X;
  const { square, product, border, count } = await gram.of(inside);
  const diagonal = new Float64Array(cols + 1);
  for (let j = 0; j < cols; j++) diagonal[j] = 1 + 2 * square[j * cols + j]!;
  diagonal[cols] = fitIntercept ? 1 + 2 * count : 1;
  const out = new Float64Array(cols + 1);
  return {
    diagonal,
    apply(v) {
      const last = fitIntercept ? v[cols]! : 0;
      product.times(v, out);
      for (let i = 0; i < cols; i++) out[i] = v[i]! + 2 * (out[i]! + border[i]! * last);
      out[cols] = v[cols]! + (fitIntercept ? 2 * (dot(border, 0, v, 0, cols) + count * last) : 0);
      return out;
    },
  };
}

/** The same, never formed: each product goes through the rows twice. For few rows and many columns. */
export function implicitHessian<Data extends FloatArray>({
  X,
  costs,
  inside,
  fitIntercept,
  threads,
}: MarginRows<Data>): PositiveOperator {
  const { cols } = X;
  const Type = X.data.constructor as new (length: number) => Data;
  const rows = inside.reduce((count, one) => count + one, 0);
  // sqrt(2 C_i) [x_i 1].
  const scaled = { data: new Type(rows * cols) as Data, rows, cols };
  const roots = new Float64Array(rows);
  const diagonal = new Float64Array(cols + 1).fill(1);
  for (let i = 0, r = 0, at = 0; i < inside.length; i++) {
    if (inside[i] === 0) continue;
    const root = Math.sqrt(2 * costs[i]!);
    for (let j = 0, from = i * cols; j < cols; j++, at++, from++) {
      const value = root * X.data[from]!;
      scaled.data[at] = value;
      diagonal[j]! += value * value;
    }
    roots[r++] = root;
    if (fitIntercept) diagonal[cols]! += root * root;
  }
  return {
    diagonal,
    async apply(v) {
      const out = Float64Array.from(v);
      if (rows === 0) return out;
      const last = fitIntercept ? v[cols]! : 0;
      const column = new Type(cols) as Data;
      column.set(v.subarray(0, cols));
      const { data } = await gemm(scaled, { data: column, rows: cols, cols: 1 }, { threads });
      for (let r = 0; r < rows; r++) {
        data[r]! += roots[r]! * last;
        if (fitIntercept) out[cols]! += roots[r]! * data[r]!;
      }
      const back = await gemm({ data, rows: 1, cols: rows }, scaled, { threads });
      for (let j = 0; j < cols; j++) out[j]! += back.data[j]!;
      return out;
    },
  };
}
