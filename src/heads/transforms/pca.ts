import { HeadstartError } from "../../core/errors.js";
import type { ComputeControl } from "../../linalg/compute-control.js";
import { checkShape, type Matrix, zeros } from "../../linalg/matrix.js";
import { rowDots } from "../../linalg/row-dots.js";
import {
  columnGram,
  rowGram,
  type ShiftedRows,
  squaredLengths,
  transposeTimesMatrix,
} from "../../linalg/shifted-rows.js";
import { type SymmetricEigen, symmetricEigen } from "../../linalg/symmetric-eigen.js";
import { topEigen } from "../../linalg/top-eigen.js";
import type { PcaOptions } from "./pca-options.js";
import type { FittedTransform } from "./transform.js";

/** A projection onto the directions in which the training rows vary most; immutable. */
export interface FittedPca extends FittedTransform {
  readonly kind: "pca";
  readonly mean: Float64Array;
  /** `[dim, columns]`: directions of length 1, the largest element of each positive. */
  readonly components: Matrix<Float64Array>;
  /** Variance along each direction, with n - 1. */
  readonly explainedVariance: Float64Array;
  /** The same as a share of the whole variance. */
  readonly explainedVarianceRatio: Float64Array;
  readonly whiten: boolean;
}

/** Up to this size of the smaller side the covariance is taken apart exactly. */
const EXACT = 512;
/** Rows that are projected at a time. */
const BATCH_ROWS = 1024;
/** Directions that a share of the variance is looked for among at first. */
const FIRST_COUNT = 64;

/**
 * Fits a principal component analysis: exactly where rows or columns are up to 512, or more than half of the
 * directions are wanted; else by seeded random projections.
 * @param X - `[n, columns]`, finite.
 * @throws {HeadstartError} `data` for more components than rows or columns.
 * @see scikit-learn's PCA, whose signs these are (svd_flip by the components).
 */
export async function fitPca(
  X: Matrix,
  { components, whiten }: PcaOptions,
  seed: number,
  control: ComputeControl = {},
): Promise<FittedPca> {
  const { rows, cols } = X;
  const most = Math.min(rows, cols);
  if (components > most) {
    throw new HeadstartError("data", `pca: ${components} components of ${rows} rows with ${cols} columns`, {
      facts: { components, rows, cols },
      hint: `Give at most ${most}, or a share of the variance such as 0.95. Cross-validation trains on fewer rows.`,
    });
  }
  const mean = zeros(1, cols);
  for (let i = 0, k = 0; i < rows; i++) for (let j = 0; j < cols; j++) mean.data[j]! += X.data[k++]! / rows;
  const S: ShiftedRows = { X, rows: null, centres: mean, groups: null, rowScale: null, columnScale: null };
  const total = squaredLengths(S).reduce((sum, length) => sum + length, 0);
  const { values, vectors } =
    components >= 1
      ? await directions(S, components, seed, control)
      : await directionsOfShare(S, components * total, seed, control);
  fixSigns(vectors);
  // What is no more than rounding of the largest is no direction.
  const least = Math.max(rows, cols) * Number.EPSILON * values[0]!;
  const weights = values.map((value) => (!whiten ? 1 : value > least ? Math.sqrt((rows - 1) / value) : 0));
  return pcaOf({
    mean: mean.data,
    components: vectors,
    weights,
    whiten,
    explainedVariance: values.map((value) => Math.max(0, value) / Math.max(1, rows - 1)),
    explainedVarianceRatio: values.map((value) => (total > 0 ? Math.max(0, value) / total : 0)),
  });
}

function pcaOf(
  parts: Pick<
    FittedPca,
    "mean" | "components" | "whiten" | "explainedVariance" | "explainedVarianceRatio"
  > & {
    readonly weights: Float64Array;
  },
): FittedPca {
  const { weights, ...rest } = parts;
  const { rows: dim, cols } = rest.components;
  const map: Matrix<Float64Array> = {
    ...rest.components,
    data: rest.components.data.map((value, k) => value * weights[Math.floor(k / cols)]!),
  };
  return Object.freeze({
    kind: "pca",
    dim,
    ...rest,
    transform(Q) {
      checkShape("X", Q, "*", cols);
      const out = new Float32Array(Q.rows * dim);
      const block = zeros(Math.min(Q.rows, BATCH_ROWS), cols);
      const values = new Float64Array(block.rows * dim);
      for (let from = 0; from < Q.rows; from += BATCH_ROWS) {
        const rows = Math.min(BATCH_ROWS, Q.rows - from);
        for (let i = 0, k = 0; i < rows; i++) {
          for (let j = 0, at = (from + i) * cols; j < cols; j++)
            block.data[k++] = Q.data[at++]! - rest.mean[j]!;
        }
        rowDots(block, { from: 0, to: rows }, map, { from: 0, to: dim }, values, dim);
        out.set(values.subarray(0, rows * dim), from * dim);
      }
      return { data: out, rows: Q.rows, cols: dim };
    },
    writeGraph(graph, x) {
      const turned = Float64Array.from(map.data, (_, k) => map.data[(k % dim) * cols + Math.floor(k / dim)]!);
      const wide = graph.op("Cast", [x], { to: { int: 11 } });
      const centred = graph.op("Sub", [wide, graph.float64(rest.mean, [cols], "pca_mean")]);
      const projected = graph.op("MatMul", [centred, graph.float64(turned, [cols, dim], "pca_components")]);
      return graph.op("Cast", [projected], { to: { int: 1 } });
    },
  } satisfies FittedPca);
}

async function directions(
  S: ShiftedRows,
  count: number,
  seed: number,
  control: ComputeControl,
): Promise<SymmetricEigen> {
  const { rows, cols } = S.X;
  const least = Math.min(rows, cols);
  if (least > EXACT && count <= least / 2) return topEigen(S, count, seed, control);
  if (cols <= rows) return firstOf(symmetricEigen(await columnGram(S, control)), count);
  const { values, vectors } = firstOf(symmetricEigen(await rowGram(S, control)), count);
  const long = await transposeTimesMatrix(S, transposed(vectors), control);
  // A direction of the rows whose variance is rounding has none of the columns.
  const rounding = rows * Number.EPSILON * values[0]!;
  const turned = transposed(long);
  for (let k = 0; k < turned.data.length; k++) {
    const value = values[Math.floor(k / cols)]!;
    turned.data[k]! *= value > rounding ? 1 / Math.sqrt(value) : 0;
  }
  return { values, vectors: turned };
}

/** As many directions as sum up to `wanted`. */
async function directionsOfShare(
  S: ShiftedRows,
  wanted: number,
  seed: number,
  control: ComputeControl,
): Promise<SymmetricEigen> {
  const most = Math.min(S.X.rows, S.X.cols);
  for (let count = most <= EXACT ? most : FIRST_COUNT; ; count = Math.min(most, 2 * count)) {
    const found = await directions(S, count, seed, control);
    let sum = 0;
    const last = found.values.findIndex((value) => {
      sum += value;
      return sum > wanted;
    });
    if (last >= 0) return firstOf(found, last + 1);
    if (count === most) return firstOf(found, Math.max(1, found.values.filter((value) => value > 0).length));
  }
}

function firstOf({ values, vectors }: SymmetricEigen, count: number): SymmetricEigen {
  const { cols } = vectors;
  return {
    values: values.slice(0, count),
    vectors: { data: vectors.data.slice(0, count * cols), rows: count, cols },
  };
}

/** Turns each row so that its element of largest size, the first of them, is positive. */
function fixSigns({ data, rows, cols }: Matrix<Float64Array>): void {
  for (let i = 0; i < rows; i++) {
    const row = data.subarray(i * cols, (i + 1) * cols);
    let largest = 0;
    for (let j = 1; j < cols; j++) if (Math.abs(row[j]!) > Math.abs(row[largest]!)) largest = j;
    if (row[largest]! < 0) for (let j = 0; j < cols; j++) row[j] = -row[j]!;
  }
}

function transposed({ data, rows, cols }: Matrix<Float64Array>): Matrix<Float64Array> {
  const turned = zeros(cols, rows);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < cols; j++) turned.data[j * rows + i] = data[i * cols + j]!;
  return turned;
}
