import { setImmediate as nextTurn } from "node:timers/promises";
import { throwIfInterrupted } from "../../core/interrupted.js";
import type { KernelRows } from "./svm-kernel-rows.js";
import { blockChooser } from "./svm-smo-block.js";
import { solveBlock } from "./svm-smo-inner.js";
import { findExtremes, isOptimal, type SmoState } from "./svm-smo-state.js";

/** What a solver works with, and how far. */
export interface Descent<Kernel> {
  readonly kernel: Kernel;
  /** The row of the kernel that each variable stands for. */
  readonly at: Int32Array;
  /** Largest violation that may be left. */
  readonly tol: number;
  /** Of iterations. */
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
}

/** Variables of a block, where the kernel can hold so many rows: the kernel values of these with each other are 1 MB. */
const BLOCK = 512;

/** How far a block is solved, of the violation that it starts with: the others' gradients are old by then. */
const SHARE = 0.1;

/**
 * Brings a state to its end block by block: the search shrinks to the few hundred
 * variables that violate the conditions most, and when they are solved the gradient of all is brought up to date from
 * what changed. What a block asks of the kernel is one matrix product.
 * @returns the iterations.
 */
export async function solveByRows(
  state: SmoState,
  { kernel, at, tol, limit, signal }: Descent<KernelRows>,
): Promise<number> {
  const chooseBlock = blockChooser(at.length, Math.min(at.length, BLOCK, kernel.atOnce));
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
    throwIfInterrupted(signal);
  }
  return iterations;
}
