import { HeadstartError } from "../../core/errors.js";
import type { HeadRecipe } from "../../heads/head.js";
import type { Fold } from "./folds-of-rows.js";
import { halvingRounds, type Round } from "./halving-rounds.js";
import { type CandidateScore, type SearchControl, scoreCandidates } from "./score-candidates.js";
import type { SearchTask } from "./search-task.js";

/** Whether candidates are thinned out on fewer rows first. */
export interface SearchMethod {
  /** Successive halving; default: every candidate on all rows. */
  readonly halving?: boolean;
  /** Of the rows that halving chooses. */
  readonly seed: number;
}

/** A candidate and how it did in the last round that it took part in. */
export interface SearchedCandidate extends CandidateScore {
  /** From 1, the best. */
  readonly rank: number;
  /** Rounds that it took part in. */
  readonly rounds: number;
  /** Share of each fold's training rows that it had in the last of them. */
  readonly share: number;
}

/** Means that are closer are equal: sums in another order. */
const TIE = 1e-12;

/**
 * Tries candidates in the same folds. The highest mean figure wins, of equal ones the earlier candidate.
 * @returns one result a candidate, in their order; the best of all alone keeps its predictions.
 * @throws {HeadstartError} as `scoreCandidates`; `data` if no candidate can be trained on these rows.
 */
export async function searchCandidates(
  candidates: readonly HeadRecipe[],
  task: SearchTask,
  folds: readonly Fold[],
  { halving = false, seed, ...control }: SearchMethod & SearchControl,
): Promise<SearchedCandidate[]> {
  const latest: Omit<SearchedCandidate, "rank">[] = [];
  let left = candidates.map((_, i) => i);
  for (const [round, { candidates: count, share }] of roundsOf(
    candidates.length,
    task,
    folds,
    halving,
  ).entries()) {
    left = left.slice(0, count).sort((a, b) => a - b);
    const scores = await scoreCandidates(
      left.map((i) => candidates[i]!),
      task,
      folds,
      { ...control, trainOn: ({ inside }, fold) => task.sample(inside, share, seed + fold) },
    );
    left.forEach((i, k) => {
      latest[i] = { ...scores[k]!, rounds: round + 1, share };
    });
    left.sort((a, b) => byMerit(latest[a]!, latest[b]!) || a - b);
    for (const i of left.slice(1)) latest[i] = { ...latest[i]!, predictions: [] };
  }
  const order = candidates.map((_, i) => i).sort((a, b) => byMerit(latest[a]!, latest[b]!) || a - b);
  const { problem } = latest[order[0]!]!;
  if (problem !== null) {
    throw new HeadstartError("data", `None of the candidates can be trained: ${problem}`, {
      facts: { candidates: candidates.length },
    });
  }
  const rankOf = new Map(order.map((i, rank) => [i, rank + 1]));
  return latest.map((one, i) => Object.freeze({ ...one, rank: rankOf.get(i)! }));
}

/** Fits that a search takes, for its progress. */
export function countFits(
  candidates: number,
  task: Pick<SearchTask, "leastRows">,
  folds: readonly Fold[],
  halving: boolean,
): number {
  return roundsOf(candidates, task, folds, halving).reduce(
    (sum, round) => sum + round.candidates * folds.length,
    0,
  );
}

function roundsOf(
  candidates: number,
  { leastRows }: Pick<SearchTask, "leastRows">,
  folds: readonly Fold[],
  halving: boolean,
): Round[] {
  if (!halving) return [{ candidates, share: 1 }];
  const rows = Math.min(...folds.map(({ inside }) => inside.length));
  return halvingRounds(candidates, rows, leastRows);
}

/** Negative if a did better: it can be trained, came further, has the higher mean. */
function byMerit(a: Omit<SearchedCandidate, "rank">, b: Omit<SearchedCandidate, "rank">): number {
  const trainable = Number(a.problem !== null) - Number(b.problem !== null);
  if (trainable !== 0 || a.problem !== null) return trainable;
  if (a.rounds !== b.rounds) return b.rounds - a.rounds;
  return Math.abs(a.mean - b.mean) < TIE ? 0 : b.mean - a.mean;
}
