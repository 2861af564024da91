import type { SmoState } from "./svm-smo-state.js";

/** Variables that are solved while all others stand still. */
export interface SmoBlock {
  readonly members: Int32Array;
  /** Their kernel values with each other. */
  readonly K: Float32Array;
  /** Largest violation that may be left among them. */
  readonly tol: number;
  readonly limit: number;
}

/** Stands in for a curvature that is not positive (kernels that are not positive definite, duplicate rows). */
const TINY = 1e-12;

/** The block's own copies: contiguous, small. */
interface Local {
  readonly size: number;
  /** `[size, size]`. */
  readonly K: Float32Array;
  readonly diagonal: Float64Array;
  readonly F: Float64Array;
  readonly beta: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** 1 where it may rise, plus 2 where it may fall. */
  readonly status: Uint8Array;
  rising: number;
  smallest: number;
  largest: number;
}

/**
 * Solves a block: a step raises one β and lowers another by the same amount; the pair is the one of largest violation
 * and the partner that gains most to second order. Writes the β of the state; its gradient is left to the caller.
 * @returns how much each member changed, and the steps; none where no step is large enough for the numbers it is
 *   added to.
 */
export function solveBlock(state: SmoState, block: SmoBlock): { change: Float64Array; iterations: number } {
  const local = localCopy(state, block);
  let iterations = 0;
  moveGradient(local, 0, 0, 0);
  while (iterations < block.limit) {
    const { rising: i, smallest, largest } = local;
    if (i < 0 || !(largest - smallest >= block.tol)) break;
    const j = partnerOf(local, i);
    if (j < 0 || !takeStep(local, i, j)) break;
    iterations++;
  }
  const change = new Float64Array(local.size);
  for (let k = 0; k < local.size; k++) {
    const t = block.members[k]!;
    change[k] = local.beta[k]! - state.beta[t]!;
    state.beta[t] = local.beta[k]!;
  }
  return { change, iterations };
}

function localCopy(state: SmoState, { members, K }: SmoBlock): Local {
  const size = members.length;
  const pick = (values: Float64Array): Float64Array => Float64Array.from(members, (t) => values[t]!);
  const local: Local = {
    size,
    K,
    diagonal: Float64Array.from({ length: size }, (_, k) => K[k * size + k]!),
    F: pick(state.F),
    beta: pick(state.beta),
    low: pick(state.low),
    high: pick(state.high),
    status: new Uint8Array(size),
    rising: -1,
    smallest: Infinity,
    largest: -Infinity,
  };
  for (let k = 0; k < size; k++) setStatus(local, k);
  return local;
}

function setStatus({ beta, low, high, status }: Local, k: number): void {
  status[k] = (beta[k]! < high[k]! ? 1 : 0) + (beta[k]! > low[k]! ? 2 : 0);
}

function partnerOf({ size, K, diagonal, F, status, smallest }: Local, i: number): number {
  const Kii = diagonal[i]!;
  const row = i * size;
  let best = -1;
  // Gains are slope² / curvature, compared without a division.
  let bestSquare = 0;
  let bestCurvature = 1;
  for (let t = 0; t < size; t++) {
    const slope = F[t]! - smallest;
    if (slope > 0 && status[t]! >= 2) {
      let curvature = Kii + diagonal[t]! - 2 * K[row + t]!;
      if (curvature <= 0) curvature = TINY;
      const square = slope * slope;
      if (square * bestCurvature > bestSquare * curvature) {
        bestSquare = square;
        bestCurvature = curvature;
        best = t;
      }
    }
  }
  return best;
}

/** False where the step would not change a number: it would be tried again for ever. */
function takeStep(local: Local, i: number, j: number): boolean {
  const { size, K, diagonal, F, beta, low, high } = local;
  let curvature = diagonal[i]! + diagonal[j]! - 2 * K[i * size + j]!;
  if (curvature <= 0) curvature = TINY;
  const roomUp = high[i]! - beta[i]!;
  const roomDown = beta[j]! - low[j]!;
  const step = Math.min((F[j]! - F[i]!) / curvature, roomUp, roomDown);
  const risen = step === roomUp ? high[i]! : beta[i]! + step;
  const fallen = step === roomDown ? low[j]! : beta[j]! - step;
  if (risen === beta[i] && fallen === beta[j]) return false;
  beta[i] = risen;
  beta[j] = fallen;
  setStatus(local, i);
  setStatus(local, j);
  moveGradient(local, step, i * size, j * size);
  return true;
}

/** One pass: the gradient moves by `step` times the difference of two kernel rows, and its extremes are found. */
function moveGradient(local: Local, step: number, a: number, b: number): void {
  const { size, K, F, status } = local;
  let rising = -1;
  let smallest = Infinity;
  let largest = -Infinity;
  for (let t = 0; t < size; t++) {
    const f = F[t]! + step * (K[a + t]! - K[b + t]!);
    F[t] = f;
    const can = status[t]!;
    if (f < smallest && (can & 1) !== 0) {
      smallest = f;
      rising = t;
    }
    if (f > largest && can >= 2) largest = f;
  }
  local.rising = rising;
  local.smallest = smallest;
  local.largest = largest;
}
