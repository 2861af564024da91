import { EigenvalueDecomposition, Matrix as MlMatrix } from "ml-matrix";
import { type Matrix, zeros } from "./matrix.js";

/** Eigenvalues, the largest first, and the vectors that belong to them. */
export interface SymmetricEigen {
  readonly values: Float64Array;
  /** `[n, dim]`: each row a vector of length 1. */
  readonly vectors: Matrix<Float64Array>;
}

/** All eigenvalues and vectors of a symmetric matrix of up to some hundred columns; their signs are arbitrary. */
export function symmetricEigen(A: Matrix<Float64Array>): SymmetricEigen {
  const n = A.rows;
  const wrapped = MlMatrix.from1DArray(n, n, A.data);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(wrapped, {
    assumeSymmetric: true,
  });
  const order = Array.from(realEigenvalues, (_, k) => k).sort(
    (a, b) => realEigenvalues[b]! - realEigenvalues[a]!,
  );
  const vectors = zeros(n, n);
  order.forEach((from, k) => {
    for (let j = 0; j < n; j++) vectors.data[k * n + j] = eigenvectorMatrix.get(j, from);
  });
  return { values: Float64Array.from(order, (k) => realEigenvalues[k]!), vectors };
}
