import { gemm } from "../../linalg/gemm.js";
import type { FloatArray, Matrix } from "../../linalg/matrix.js";
import type { PositiveOperator } from "./conjugate-gradients.js";
import { dot } from "./linear-model.js";

/** The widest Hessian that is formed; beyond it, rows are multiplied through each time. */
const WIDEST = 4096;

/**
 * The Hessian of the squared hinge, I + 2 sum C_i [x_i 1] [x_i 1]^T over the rows inside the margin: as a matrix where
 * that is cheaper than going through the rows again and again.
 * @param problem - `inside`: the numbers of those rows.
 */
export async function squaredHingeHessian<Data extends FloatArray>(problem: {
  readonly X: Matrix<Data>;
  readonly costs: Float64Array;
  readonly inside: readonly number[];
  readonly fitIntercept: boolean;
  readonly threads: number;
}): Promise<PositiveOperator> {
  const { X, costs, inside, fitIntercept, threads } = problem;
  const { cols } = X;
  const Type = X.data.constructor as new (length: number) => Data;
  const rows = inside.length;
  // sqrt(2 C_i) x_i, and the sums that the intercept's row holds.
  const scaled = { data: new Type(rows * cols), rows, cols };
  const roots = new Float64Array(rows);
  const border = new Float64Array(cols + 1);
  const diagonal = new Float64Array(cols + 1).fill(1);
  for (let r = 0, at = 0; r < rows; r++) {
    const root = Math.sqrt(2 * costs[inside[r]!]!);
    roots[r] = root;
    for (let j = 0, from = inside[r]! * cols; j < cols; j++, at++, from++) {
      const value = root * X.data[from]!;
      scaled.data[at] = value;
      border[j]! += root * value;
      diagonal[j]! += value * value;
    }
    if (fitIntercept) border[cols]! += root * root;
  }
  if (!fitIntercept) border.fill(0);
  diagonal[cols]! += border[cols]!;

  /** Adds the identity and the intercept's row and column. */
  const bordered = (v: Float64Array, product: ArrayLike<number>): Float64Array => {
    const last = v[cols]!;
    const out = new Float64Array(cols + 1);
    for (let j = 0; j < cols; j++) out[j] = v[j]! + product[j]! + border[j]! * last;
    out[cols] = last + dot(border, 0, v, 0, cols + 1);
    return out;
  };
  if (cols <= WIDEST && rows >= cols) {
    const { data } = await gemm(scaled, scaled, { transposeA: true, threads });
    const square = Float64Array.from(data);
    const product = new Float64Array(cols);
    return {
      diagonal,
      apply(v) {
        for (let i = 0; i < cols; i++) product[i] = dot(square, i * cols, v, 0, cols);
        return bordered(v, product);
      },
    };
  }
  return {
    diagonal,
    async apply(v) {
      if (rows === 0) return bordered(v, new Float64Array(cols));
      const column = new Type(cols);
      column.set(v.subarray(0, cols));
      const through = await gemm(scaled, { data: column, rows: cols, cols: 1 }, { threads });
      const back = await gemm({ data: through.data, rows: 1, cols: rows }, scaled, { threads });
      return bordered(v, back.data);
    },
  };
}
