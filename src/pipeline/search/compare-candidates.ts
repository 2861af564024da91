import { countNestedFits, nestedSearch } from "../../evaluation/search/nested-search.js";
import type { Candidate } from "../../evaluation/search/recipes-of-space.js";
import {
  countFits,
  type SearchedCandidate,
  searchCandidates,
} from "../../evaluation/search/search-candidates.js";
import type { SearchMetric } from "../../evaluation/search/search-metric.js";
import type { Answers, SearchTask } from "../../evaluation/search/search-task.js";
import type { stopwatch } from "../stopwatch.js";
import type { CandidateResult, NestedResult, SearchOptions } from "../types/search-types.js";
import type { SearchPlan } from "./search-plan.js";

/** What came of comparing candidates. */
export interface ComparedCandidates {
  /** The winner's place in the candidates. */
  readonly at: number;
  readonly best: SearchedCandidate;
  /** By repeat the answers to all rows: of the nested search where there is one, else of the winner. */
  readonly predictions: readonly Answers[];
  /** Fits to compare candidates, those that follow included. */
  readonly fits: number;
  /** To be called after each of those. */
  readonly onFit: () => void;
  /** What the head's file says of the search, and the result too. */
  readonly record: {
    readonly metric: SearchMetric;
    readonly folds: number;
    readonly repeats: number;
    readonly halving: boolean;
    readonly candidates: readonly CandidateResult[];
    readonly nested: NestedResult | null;
  };
  /** How the predictions came about. */
  readonly measured: string;
  readonly warnings: readonly string[];
  readonly seconds: { readonly search: number; readonly nested: number };
}

/**
 * Compares the candidates of a search, and nested in outer folds where that is asked for.
 * @throws as `searchCandidates` and `nestedSearch`.
 */
export async function compareCandidates(
  { halving = false, signal, onProgress }: Pick<SearchOptions, "halving" | "signal" | "onProgress">,
  candidates: readonly Candidate[],
  task: SearchTask,
  plan: SearchPlan,
  watch: ReturnType<typeof stopwatch>,
): Promise<ComparedCandidates> {
  const { metric, folds, repeats, seed, inner, outer } = plan;
  const total =
    countFits(candidates.length, task, inner, halving) +
    countNestedFits(candidates.length, task, outer, halving) +
    plan.further;
  let done = 0;
  const onFit = (): void => onProgress?.({ stage: "cross-validate", done: ++done, total, unit: "fits" });
  const control = { halving, seed, onFit, ...(signal && { signal }) };
  const found = await searchCandidates(candidates, task, inner, control);
  const search = watch.lap();
  const honest = outer.length === 0 ? null : await nestedSearch(candidates, task, outer, control);
  const at = found.findIndex(({ rank }) => rank === 1);
  const best = found[at]!;
  const results = found.map((one, i) => describeCandidate(candidates[i]!, one, inner[0]!.inside.length));
  const how =
    `${folds}-fold ${plan.stratified}, seed ${seed}` +
    `${repeats > 1 ? `, ${repeats} repeats` : ""}${plan.kept === null ? "" : `, ${plan.kept}`}`;
  const by = metric === "accuracy" ? "" : ` by ${metric}`;
  return {
    at,
    best,
    predictions: honest === null ? best.predictions : [honest.predicted],
    fits: total,
    onFit,
    record: {
      metric,
      folds,
      repeats,
      halving,
      candidates: results,
      nested: honest && {
        folds: outer.length,
        scores: honest.scores,
        mean: honest.mean,
        standardError: honest.standardError,
        winners: honest.winners,
        optimism: best.mean - honest.mean,
      },
    },
    measured:
      honest === null
        ? `the best of ${results.length} candidates${by} in ${how}: chosen for being high, so too high`
        : `nested cross-validation of the search${by}, ${outer.length} outer folds, ${how} within`,
    warnings: warningsOf(results, at, honest === null),
    seconds: { search, nested: watch.lap() },
  };
}

function describeCandidate(candidate: Candidate, found: SearchedCandidate, inside: number): CandidateResult {
  const { rank, rounds, share, scores, mean, standardError, unconverged, problem } = found;
  return {
    rank,
    head: candidate.name,
    set: candidate.set,
    scale: candidate.scale,
    pca: candidate.pca ?? null,
    rounds,
    trainingRows: Math.round(inside * share),
    scores,
    mean: problem === null ? mean : null,
    standardError: problem === null ? standardError : null,
    unconverged,
    problem,
  };
}

function warningsOf(candidates: readonly CandidateResult[], best: number, optimistic: boolean): string[] {
  const warnings: string[] = [];
  const failed = candidates.filter(({ problem }) => problem !== null);
  if (failed.length > 0) {
    warnings.push(
      `${failed.length} of ${candidates.length} candidates cannot be trained on these rows: ${failed[0]!.problem}`,
    );
  }
  if (candidates[best]!.unconverged > 0) warnings.push(WINNER_UNCONVERGED);
  if (optimistic && candidates.length > 1) {
    warnings.push(
      "the best figure of a grid flatters: nested cross-validation (--nested 5) gives an honest one",
    );
  }
  return warnings;
}

/** Said once, whether it was in a fold or in the last fit. */
export const WINNER_UNCONVERGED =
  "the solver of the winner stopped before it converged: raise maxIter, or lower C";
