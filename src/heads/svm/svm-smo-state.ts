/** Where a solver stands: the gradient `F` = Kβ + p and the extremes that the conditions are about. */
export interface SmoState {
  readonly beta: Float64Array;
  readonly F: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** The smallest gradient of a variable that may rise. */
  smallest: number;
  /** The largest gradient of a variable that may fall. */
  largest: number;
}

/** Whether the conditions are violated by less than `tol`. */
export const isOptimal = ({ smallest, largest }: SmoState, tol: number): boolean =>
  !(largest - smallest >= tol);

/** A state with its extremes found. */
export function smoState(numbers: Pick<SmoState, "beta" | "F" | "low" | "high">): SmoState {
  const state = { ...numbers, smallest: Infinity, largest: -Infinity };
  findExtremes(state);
  return state;
}

/** Brings the extremes up to date. */
export function findExtremes(state: SmoState): void {
  const { beta, F, low, high } = state;
  let smallest = Infinity;
  let largest = -Infinity;
  for (let t = 0; t < F.length; t++) {
    const f = F[t]!;
    if (f < smallest && beta[t]! < high[t]!) smallest = f;
    if (f > largest && beta[t]! > low[t]!) largest = f;
  }
  state.smallest = smallest;
  state.largest = largest;
}

/** Mean of F over the variables inside their box; without any, the middle of what the conditions allow. */
export function offsetOf({ F, beta, low, high }: SmoState): number {
  let free = 0;
  let sum = 0;
  let upper = Infinity;
  let lower = -Infinity;
  for (let t = 0; t < F.length; t++) {
    const mayRise = beta[t]! < high[t]!;
    const mayFall = beta[t]! > low[t]!;
    if (mayRise && mayFall) {
      free++;
      sum += F[t]!;
    } else if (mayRise) upper = Math.min(upper, F[t]!);
    else if (mayFall) lower = Math.max(lower, F[t]!);
  }
  if (free > 0) return sum / free;
  if (upper === Infinity) return lower === -Infinity ? 0 : lower;
  return lower === -Infinity ? upper : (upper + lower) / 2;
}
