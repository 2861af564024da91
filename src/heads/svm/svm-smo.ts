import { setImmediate as nextTurn } from "node:timers/promises";
import { throwIfInterrupted } from "../../core/interrupted.js";
import type { Convergence } from "../classifier.js";
import type { KernelRows } from "./svm-kernel-rows.js";
import { blockChooser } from "./svm-smo-block.js";
import { solveBlock } from "./svm-smo-inner.js";
import type { SmoState } from "./svm-smo-state.js";

/**
 * Minimise ½ βᵀKβ + pᵀβ with low ≤ β ≤ high and the sum of β fixed: the form that C-SVC, one-class SVM and
 * epsilon-SVR share. Variable t stands for row `at[t]` of the kernel.
 */
export interface SmoProblem {
  readonly kernel: KernelRows;
  readonly at: Int32Array;
  readonly linear: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** Where to start, inside the box; null: zeros. The sum of β stays what it is there. */
  readonly start: Float64Array | null;
  /** Largest violation of the optimality conditions that may be left. */
  readonly tol: number;
  /** Limit of iterations; null: a million, or 100 a variable where that is more. */
  readonly maxIter: number | null;
  readonly signal?: AbortSignal | undefined;
}

/** The decision of a row x is the sum of `beta[t]` · K(x, t), minus `rho`. */
export interface SmoSolution extends Convergence {
  /** 0 for what is no support vector. */
  readonly beta: Float64Array;
  readonly rho: number;
}

/** Iterations where the caller sets no limit: a million, or 100 a variable; a problem without a good end is left soon. */
function defaultLimit(variables: number): number {
  return Math.max(1_000_000, 100 * variables);
}

/** Variables of a block, where the kernel can hold so many rows: the kernel values of these with each other are 1 MB. */
const BLOCK = 512;

/** How far a block is solved, of the violation that it starts with: the others' gradients are old by then. */
const SHARE = 0.1;

/**
 * Sequential minimal optimisation with second-order working pairs, block by block: the search shrinks to the few
 * hundred variables that violate the conditions most, and when they are solved the gradient of all is brought up to
 * date from what changed. What a block asks of the kernel is one matrix product.
 * @throws {HeadstartError} `interrupted` once the signal has been aborted.
 * @see Fan, Chen & Lin, "Working set selection using second order information for training SVM", JMLR 6, 2005;
 * for the blocks, Wen et al., "ThunderSVM: a fast SVM library on GPUs and CPUs", JMLR 19, 2018.
 */
export async function solveSmo(problem: SmoProblem): Promise<SmoSolution> {
  const { kernel, at, tol } = problem;
  const size = at.length;
  const limit = problem.maxIter ?? defaultLimit(size);
  const blockSize = Math.min(size, BLOCK, kernel.atOnce);
  const state = await startingState(problem, blockSize);
  const chooseBlock = blockChooser(size, blockSize);
  let iterations = 0;
  while (!isOptimal(state, tol) && iterations < limit) {
    const block = chooseBlock(state);
    const rows = await kernel.rows(block.map((t) => at[t]!));
    const solved = solveBlock(state, {
      members: block,
      passes: rows.block(),
      tol: Math.max(tol / 2, SHARE * (state.largest - state.smallest)),
      limit: limit - iterations,
    });
    if (solved.iterations === 0) break;
    iterations += solved.iterations;
    rows.addTo(state.F, solved.change, at);
    findExtremes(state);
    await nextTurn();
    throwIfInterrupted(problem.signal);
  }
  return { beta: state.beta, rho: offsetOf(state), converged: isOptimal(state, tol), iterations };
}

const isOptimal = ({ smallest, largest }: SmoState, tol: number): boolean => !(largest - smallest >= tol);

async function startingState(problem: SmoProblem, blockSize: number): Promise<SmoState> {
  const { kernel, at, linear, low, high } = problem;
  const beta = problem.start?.slice() ?? new Float64Array(at.length);
  const F = linear.slice();
  const support = Int32Array.from(at.keys()).filter((t) => beta[t] !== 0);
  for (let from = 0; from < support.length; from += blockSize) {
    const part = support.subarray(from, from + blockSize);
    const rows = await kernel.rows(part.map((t) => at[t]!));
    rows.addTo(
      F,
      Float64Array.from(part, (t) => beta[t]!),
      at,
    );
  }
  const state = { beta, F, low, high, smallest: Infinity, largest: -Infinity };
  findExtremes(state);
  return state;
}

function findExtremes(state: SmoState): void {
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
function offsetOf({ F, beta, low, high }: SmoState): number {
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
