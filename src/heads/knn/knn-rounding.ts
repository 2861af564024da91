/**
 * How far a difference of two scalar products in float32 may be off, whatever the order of their sums, as a share of the
 * product of the lengths. A few more terms stand for the rounding of the operands.
 * @see Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 3.1.
 */
export const roundingOf = (dim: number): number => (dim + 8) * 2 ** -23;

/** Where float32 has no digits left. */
export const TINY = 1e-30;
