import { TINY } from "./svm-block-module.js";
import type { BlockPasses, Extremes } from "./svm-block-passes.js";
import type { SmoState } from "./svm-smo-state.js";

/** Variables that are solved while all others stand still. */
export interface SmoBlock {
  readonly members: Int32Array;
  /** Their kernel values with each other, and the loops over them. */
  readonly passes: BlockPasses;
  /** Largest violation that may be left among them. */
  readonly tol: number;
  readonly limit: number;
}

/** The block's own copies. */
interface Local {
  readonly passes: BlockPasses;
  readonly beta: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/**
 * Solves a block: a step raises one β and lowers another by the same amount; the pair is the one of largest violation
 * and the partner that gains most to second order. Writes the β of the state; its gradient is left to the caller.
 * @returns how much each member changed, and the steps; none where no step is large enough for the numbers it is
 *   added to.
 */
export function solveBlock(state: SmoState, block: SmoBlock): { change: Float64Array; iterations: number } {
  const { members, passes, tol, limit } = block;
  const pick = (values: Float64Array): Float64Array => Float64Array.from(members, (t) => values[t]!);
  const local: Local = { passes, beta: pick(state.beta), low: pick(state.low), high: pick(state.high) };
  passes.F.set(pick(state.F));
  for (let k = 0; k < passes.size; k++) allow(local, k);
  let iterations = 0;
  let extremes: Extremes | null = passes.move(0, 0, 0);
  while (iterations < limit) {
    const { rising: i, smallest, largest } = extremes;
    if (i < 0 || !(largest - smallest >= tol)) break;
    const j = passes.partner(i, smallest);
    if (j < 0) break;
    extremes = takeStep(local, i, j);
    if (extremes === null) break;
    iterations++;
  }
  const change = new Float64Array(passes.size);
  for (let k = 0; k < passes.size; k++) {
    const t = members[k]!;
    change[k] = local.beta[k]! - state.beta[t]!;
    state.beta[t] = local.beta[k]!;
  }
  return { change, iterations };
}

function allow({ passes, beta, low, high }: Local, k: number): void {
  passes.allow(k, beta[k]! < high[k]!, beta[k]! > low[k]!);
}

/** Null where the step would not change a number: it would be tried again for ever. */
function takeStep(local: Local, i: number, j: number): Extremes | null {
  const { passes, beta, low, high } = local;
  const { K, stride, diagonal, F } = passes;
  let curvature = diagonal[i]! + diagonal[j]! - 2 * K[i * stride + j]!;
  if (curvature <= 0) curvature = TINY;
  const roomUp = high[i]! - beta[i]!;
  const roomDown = beta[j]! - low[j]!;
  const step = Math.min((F[j]! - F[i]!) / curvature, roomUp, roomDown);
  const risen = step === roomUp ? high[i]! : beta[i]! + step;
  const fallen = step === roomDown ? low[j]! : beta[j]! - step;
  if (risen === beta[i] && fallen === beta[j]) return null;
  beta[i] = risen;
  beta[j] = fallen;
  allow(local, i);
  allow(local, j);
  return passes.move(step, i, j);
}
