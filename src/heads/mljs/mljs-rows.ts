import { type Matrix, rowOf } from "../../linalg/matrix.js";

/** The rows as arrays in an array, the form that the ml.js packages take; copied. */
export function toNestedRows(X: Matrix): number[][] {
  return Array.from({ length: X.rows }, (_, i) => Array.from(rowOf(X, i)));
}
