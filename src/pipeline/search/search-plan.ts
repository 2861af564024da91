import type { Fold, NestedFold, RepeatedFoldPlan } from "../../evaluation/search/folds-of-rows.js";
import type { SearchMetric } from "../../evaluation/search/search-metric.js";
import { groupsKeptWhole, type TrainingGroups } from "../train/training-groups.js";
import type { SearchOptions } from "../types/search-types.js";

/** In which folds, and by which figure, candidates are compared. */
export interface SearchPlan {
  readonly metric: SearchMetric;
  readonly folds: number;
  readonly repeats: number;
  readonly seed: number;
  readonly inner: readonly Fold[];
  /** Empty without nested cross-validation. */
  readonly outer: readonly NestedFold[];
  /** Fits that follow, of the winner in the folds. */
  readonly further: number;
  /** What the folds keep whole, in words; null where rows stand alone. */
  readonly kept: string | null;
  /** Of the folds: what they are stratified by. */
  readonly stratified: string;
}

/** What rows of one label and rows of several differ in. */
export interface FoldsOfTask {
  readonly metric: SearchMetric;
  readonly stratified: string;
  readonly foldsOf: (plan: RepeatedFoldPlan) => readonly Fold[];
  readonly nestedOf: (outer: number, plan: RepeatedFoldPlan) => readonly NestedFold[];
}

/**
 * Divides the rows as the options say.
 * @param decides - whether the winner is fitted once more in each fold.
 * @throws as `foldsOf` and `nestedOf`.
 */
export function searchPlan(
  { cv: folds = 5, repeats = 1, nested = 0, seed = 0 }: SearchOptions,
  { metric, stratified, foldsOf, nestedOf }: FoldsOfTask,
  grouped: TrainingGroups | null,
  decides: boolean,
): SearchPlan {
  const plan = { folds, seed, repeats, ...(grouped && { groups: grouped.groups }) };
  const inner = foldsOf(plan);
  return {
    ...{ metric, folds, repeats, seed, inner, stratified },
    outer: nested === 0 ? [] : nestedOf(nested, plan),
    further: decides ? inner.length : 0,
    kept: grouped && groupsKeptWhole(grouped.report),
  };
}
