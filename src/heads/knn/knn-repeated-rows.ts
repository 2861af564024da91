import { type Matrix, rowOf } from "../../linalg/matrix.js";

/** Rows that stand for all, evenly spaced. */
const SAMPLE = 64;

/**
 * Whether most rows come many times, as far as a sample tells. Float32 products cannot choose between them, and a search
 * that begins with these would only take longer.
 */
export function mostlyRepeated(X: Matrix): boolean {
  const taken = Math.min(SAMPLE, X.rows);
  const sample = Array.from({ length: taken }, (_, s) => rowOf(X, Math.floor((s * X.rows) / taken)));
  const repeated = sample.filter((row, s) => sample.some((other, t) => t !== s && sameRow(row, other)));
  return 2 * repeated.length > taken;
}

const sameRow = (a: Matrix["data"], b: Matrix["data"]): boolean => {
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
  return true;
};
