import type { Labels } from "../../heads/classifier.js";
import { type LabelSets, selectSets } from "../../heads/multi-label/label-sets.js";
import { assignFolds } from "../cross-validate.js";
import { assignSetFolds } from "../multi-label/assign-set-folds.js";

/** Rows to learn from, and rows to be measured on. */
export interface Fold {
  readonly inside: readonly number[];
  readonly held: readonly number[];
  /** Of a repeated cross-validation; default 0, the first. */
  readonly repeat?: number;
}

/** How rows are divided. */
export interface FoldPlan {
  /** At least 2. */
  readonly folds: number;
  readonly seed: number;
  /** One group a row: rows of one group are never on both sides. */
  readonly groups?: readonly (string | number)[] | Int32Array;
}

/** The same, several times over. */
export interface RepeatedFoldPlan extends FoldPlan {
  /** How often all rows are divided, each time into other folds; default 1. */
  readonly repeats?: number;
}

/** A fold of the outer cross-validation, and the folds within what it learns from. */
export interface NestedFold extends Fold {
  /** Row numbers within `inside`. */
  readonly inner: readonly Fold[];
}

/**
 * Stratified folds, or folds with whole groups; those of one repeat after those of another.
 * @throws as `assignFolds`.
 */
export function foldsOfRows(y: Labels, plan: RepeatedFoldPlan): Fold[] {
  return foldsOfAssignments(assignFolds(y, plan), plan.folds);
}

/**
 * Outer folds, each with the inner folds of the rows that it learns from; repeats are of the inner ones.
 * @throws as `assignFolds`, for the inner folds too: nothing has been fitted yet.
 */
export function nestedFolds(y: Labels, outer: number, plan: RepeatedFoldPlan): NestedFold[] {
  return nested(plan, outer, y, foldsOfRows, (rows) => ({
    codes: Int32Array.from(rows, (row) => y.codes[row]!),
    classes: y.classes,
  }));
}

/**
 * The same for rows of several labels, stratified by label.
 * @throws as `assignSetFolds`.
 */
export function foldsOfSets(sets: LabelSets, plan: RepeatedFoldPlan): Fold[] {
  return foldsOfAssignments(assignSetFolds(sets, plan), plan.folds);
}

/** @throws as `foldsOfSets`, for the inner folds too. */
export function nestedFoldsOfSets(sets: LabelSets, outer: number, plan: RepeatedFoldPlan): NestedFold[] {
  return nested(plan, outer, sets, foldsOfSets, (rows) => selectSets(sets, rows));
}

function nested<Target>(
  plan: RepeatedFoldPlan,
  outer: number,
  all: Target,
  foldsOf: (target: Target, plan: RepeatedFoldPlan) => Fold[],
  part: (rows: readonly number[]) => Target,
): NestedFold[] {
  const { groups } = plan;
  return foldsOf(all, { ...plan, folds: outer, repeats: 1 }).map(({ inside, held }) => ({
    inside,
    held,
    inner: foldsOf(part(inside), { ...plan, ...(groups && { groups: inside.map((row) => groups[row]!) }) }),
  }));
}

function foldsOfAssignments(assignments: readonly Int32Array[], folds: number): Fold[] {
  return assignments.flatMap((assigned, repeat) =>
    Array.from({ length: folds }, (_, fold) => {
      const inside: number[] = [];
      const held: number[] = [];
      assigned.forEach((part, row) => {
        (part === fold ? held : inside).push(row);
      });
      return { inside, held, repeat };
    }),
  );
}
