import { gemm } from "../../linalg/gemm.js";
import type { FloatArray, Matrix } from "../../linalg/matrix.js";
import { type SquareProduct, squareProduct } from "../../linalg/square-product.js";

/** Sums over the rows inside the margin, weighted: of their outer products, of themselves, and of 1. */
export interface MarginSums {
  /** `[dim, dim]`, row-major: sum c_i x_i x_i^T. */
  readonly square: Float64Array;
  /** The same, to multiply by. */
  readonly product: Pick<SquareProduct, "times">;
  /** sum c_i x_i. */
  readonly border: Float64Array;
  /** sum c_i. */
  readonly count: number;
}

/** Keeps the sums of a set of rows, and follows it as it changes. */
export interface MarginGram {
  /** @param inside - 1 for each row of the set. @returns the sums, valid until the next call. */
  of(inside: Uint8Array): Promise<MarginSums>;
}

/**
 * The Gram matrix of a set of rows that changes little from call to call: rows that entered and left are added and taken
 * away, from the last set or from all rows, whichever is nearer; the products are ONNX Runtime's.
 * @param weights - c_i, one a row.
 */
export function marginGram<Data extends FloatArray>(
  X: Matrix<Data>,
  weights: Float64Array,
  threads: number,
): MarginGram {
  const { rows, cols } = X;
  const Type = X.data.constructor as new (length: number) => Data;
  const room = { data: new Type(0) as Data };
  const product = squareProduct(cols);
  const current = {
    square: new Float64Array(cols * cols),
    product,
    border: new Float64Array(cols),
    count: 0,
  };
  const last = new Uint8Array(rows);
  let all: Omit<MarginSums, "product"> | null = null;

  /** Adds the rows listed, or takes them away. */
  const add = async (list: readonly number[], sign: 1 | -1): Promise<void> => {
    if (list.length === 0) return;
    if (room.data.length < list.length * cols) room.data = new Type(list.length * cols) as Data;
    const scaled = room.data.subarray(0, list.length * cols) as Data;
    for (let r = 0, at = 0; r < list.length; r++) {
      const weight = weights[list[r]!]!;
      const root = Math.sqrt(weight);
      const signed = sign * root;
      for (let j = 0, from = list[r]! * cols; j < cols; j++, at++, from++) {
        const value = root * X.data[from]!;
        scaled[at] = value;
        current.border[j]! += signed * value;
      }
      current.count += sign * weight;
    }
    const part = { data: scaled, rows: list.length, cols };
    const { data } = await gemm(part, part, { transposeA: true, threads });
    for (let k = 0; k < data.length; k++) current.square[k]! += sign * data[k]!;
  };
  const restart = (sums: typeof all): void => {
    if (sums === null) current.square.fill(0);
    else current.square.set(sums.square);
    if (sums === null) current.border.fill(0);
    else current.border.set(sums.border);
    current.count = sums?.count ?? 0;
    last.fill(sums === null ? 0 : 1);
  };
  return {
    async of(inside) {
      let within = 0;
      let changed = 0;
      for (let i = 0; i < rows; i++) {
        within += inside[i]!;
        changed += inside[i]! ^ last[i]!;
      }
      const outside = rows - within;
      if (within < changed && (all === null || within <= outside)) restart(null);
      else if (all !== null && outside < changed) restart(all);
      const entered: number[] = [];
      const left: number[] = [];
      for (let i = 0; i < rows; i++) {
        if (inside[i]! === last[i]!) continue;
        (inside[i] === 1 ? entered : left).push(i);
        last[i] = inside[i]!;
      }
      await add(entered, 1);
      await add(left, -1);
      if (outside === 0 && all === null) {
        all = { square: current.square.slice(), border: current.border.slice(), count: current.count };
      }
      product.set(current.square);
      return current;
    },
  };
}
