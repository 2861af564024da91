import { nthSmallest } from "../../linalg/nth-smallest.js";
import type { KernelParts } from "./svm-kernel-parts.js";
import { blockChooser } from "./svm-smo-block.js";
import { type Descent, solveByRows } from "./svm-smo-rows.js";
import { findExtremes, isOptimal, offsetOf, type SmoState, smoState } from "./svm-smo-state.js";

/** How far a part is solved, of the violation that it starts with; further where that is small, and all of it there. */
const SHARE = 0.05;

/** A part for each that violates the conditions: what is next to them would be the next to do so. */
const SPARE = 1.5;

/** Of the variables: the first part, where there is room for it. */
const FIRST = 0.2;

/** Variables of a part, at least. */
const FEWEST = 512;

/** Of a part: variables inside their box, which all move a little in every part. */
const MOST_FREE = 0.75;

/**
 * Brings a state to its end part by part: thousands of variables that violate the conditions, or nearly do, are solved
 * with their whole kernel in memory, and then the gradient of the others is brought up to date, block by block. A
 * kernel value of a support vector with another row is computed once a part then, and few parts suffice.
 * @returns the iterations.
 */
export async function solveByParts(
  state: SmoState,
  { kernel, at, tol, limit, signal }: Descent<KernelParts>,
): Promise<number> {
  const { beta, F, low, high } = state;
  const chooseMembers = memberChooser(at.length, Math.min(at.length, kernel.most));
  const atFirst = state.largest - state.smallest;
  let iterations = 0;
  while (!isOptimal(state, tol) && iterations < limit) {
    const violation = state.largest - state.smallest;
    const { members, areAll } = chooseMembers(state);
    const rows = Int32Array.from(new Set(members.map((t) => at[t]!))).sort();
    const placeOf = new Map(Array.from(rows, (row, place) => [row, place]));
    const places = members.map((t) => placeOf.get(at[t]!)!);
    const pick = (values: Float64Array): Float64Array => Float64Array.from(members, (t) => values[t]!);
    const part = smoState({ beta: pick(beta), F: pick(F), low: pick(low), high: pick(high) });
    const solved = await solveByRows(part, {
      kernel: kernel.part(rows),
      at: places,
      tol: Math.max(tol / 2, SHARE * violation * (areAll ? Math.min(1, violation / atFirst) ** 2 : 1)),
      limit: limit - iterations,
      signal,
    });
    if (solved === 0) break;
    iterations += solved;
    const weights = new Float64Array(rows.length);
    const change = new Float64Array(kernel.n);
    members.forEach((t, k) => {
      weights[places[k]!]! += part.beta[k]! - beta[t]!;
      change[at[t]!] = part.F[k]! - F[t]!;
      beta[t] = part.beta[k]!;
    });
    const changed = rows.filter((_, place) => weights[place] !== 0);
    const others = Int32Array.from(change.keys()).filter((row) => !placeOf.has(row));
    const sums = await kernel.sum(
      changed,
      weights.filter((weight) => weight !== 0),
      others,
    );
    others.forEach((row, k) => {
      change[row] = sums[k]!;
    });
    for (let t = 0; t < F.length; t++) F[t]! += change[at[t]!]!;
    findExtremes(state);
  }
  return iterations;
}

interface Members {
  /** Ascending. */
  readonly members: Int32Array;
  /** Whether all that violate the conditions are among them, and all inside their box. */
  readonly areAll: boolean;
}

/**
 * Chooses the variables of a part: some from everywhere at first; then all inside their box, those that violate the
 * conditions and those that are next to do so. Where too many are inside, as a block is chosen.
 */
function memberChooser(variables: number, most: number): (state: SmoState) => Members {
  const chooseBlock = blockChooser(variables, most);
  let isFirst = true;
  return (state) => {
    if (isFirst) {
      isFirst = false;
      const size = Math.min(most, Math.max(FEWEST, Math.ceil(FIRST * variables)));
      const members = Int32Array.from({ length: size }, (_, k) => Math.floor((k * variables) / size));
      return { members, areAll: false };
    }
    const { slack, free, violating } = slackOf(state);
    if (free > MOST_FREE * most) return { members: chooseBlock(state), areAll: false };
    const size = Math.min(most, Math.max(FEWEST, Math.ceil(SPARE * (free + violating))));
    const limit = nthSmallest(slack.slice(), size - 1);
    const members = Int32Array.from(slack.keys()).filter((t) => slack[t]! <= limit);
    return { members: members.slice(0, most), areAll: free + violating <= size };
  };
}

/** How far each variable is from violating the conditions; below zero, it does. */
function slackOf(state: SmoState): { slack: Float64Array; free: number; violating: number } {
  const { beta, F, low, high, smallest, largest } = state;
  const offset = offsetOf(state);
  let free = 0;
  let violating = 0;
  const slack = F.map((f, t) => {
    const mayRise = beta[t]! < high[t]!;
    const mayFall = beta[t]! > low[t]!;
    if (mayRise && mayFall) {
      free++;
      return -Infinity;
    }
    // Without the pair that violates them most nothing may move.
    if ((mayRise && f === smallest) || (mayFall && f === largest)) return -Infinity;
    if (!mayRise && !mayFall) return Infinity;
    const room = mayRise ? f - offset : offset - f;
    if (room < 0) violating++;
    return room;
  });
  return { slack, free, violating };
}
