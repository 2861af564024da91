import { dot } from "./linear-model.js";

/** A symmetric positive definite matrix, by what it does to a vector. */
export interface PositiveOperator {
  /** The product is valid until the next. */
  readonly apply: (v: Float64Array) => Float64Array | Promise<Float64Array>;
  /** Its diagonal, which preconditions. */
  readonly diagonal: Float64Array;
}

/**
 * Solves `A x = b` by preconditioned conjugate gradients from 0; an early stop gives a direction of descent too.
 * @param options - `tol`: stops when the residual is that share of `b`; `maxIter` products at most.
 * @see Nocedal & Wright, "Numerical Optimization", 2nd ed., algorithm 5.3.
 */
export async function conjugateGradients(
  { apply, diagonal }: PositiveOperator,
  b: Float64Array,
  options: { readonly tol: number; readonly maxIter: number },
): Promise<Float64Array> {
  const n = b.length;
  const x = new Float64Array(n);
  const residual = Float64Array.from(b);
  const preconditioned = residual.map((value, j) => value / diagonal[j]!);
  const direction = Float64Array.from(preconditioned);
  const enough = options.tol * Math.sqrt(dot(b, 0, b, 0, n));
  let rz = dot(residual, 0, preconditioned, 0, n);
  for (let k = 0; k < options.maxIter && rz > 0; k++) {
    const applied = await apply(direction);
    const curvature = dot(direction, 0, applied, 0, n);
    if (!(curvature > 0)) break;
    const alpha = rz / curvature;
    for (let j = 0; j < n; j++) {
      x[j]! += alpha * direction[j]!;
      residual[j]! -= alpha * applied[j]!;
      preconditioned[j] = residual[j]! / diagonal[j]!;
    }
    if (dot(residual, 0, residual, 0, n) <= enough * enough) break;
    const next = dot(residual, 0, preconditioned, 0, n);
    const beta = next / rz;
    rz = next;
    for (let j = 0; j < n; j++) direction[j] = preconditioned[j]! + beta * direction[j]!;
  }
  return x;
}
