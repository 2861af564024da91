import type { Labels } from "../../heads/classifier.js";
import { assignFolds } from "../cross-validate.js";

/** Rows to learn from, and rows to be measured on. */
export interface Fold {
  readonly inside: readonly number[];
  readonly held: readonly number[];
}

/** How rows are divided. */
export interface FoldPlan {
  /** At least 2. */
  readonly folds: number;
  readonly seed: number;
  /** One group a row: rows of one group are never on both sides. */
  readonly groups?: readonly (string | number)[] | Int32Array;
}

/** A fold of the outer cross-validation, and the folds within what it learns from. */
export interface NestedFold extends Fold {
  /** Row numbers within `inside`. */
  readonly inner: readonly Fold[];
}

/**
 * Stratified folds, or folds with whole groups.
 * @throws as `assignFolds`.
 */
export function foldsOfRows(y: Labels, plan: FoldPlan): Fold[] {
  const [assigned] = assignFolds(y, plan);
  return Array.from({ length: plan.folds }, (_, fold) => {
    const inside: number[] = [];
    const held: number[] = [];
    assigned!.forEach((part, row) => {
      (part === fold ? held : inside).push(row);
    });
    return { inside, held };
  });
}

/**
 * Outer folds, each with the inner folds of the rows that it learns from.
 * @throws as `assignFolds`, for the inner folds too: nothing has been fitted yet.
 */
export function nestedFolds(y: Labels, outer: number, plan: FoldPlan): NestedFold[] {
  const { groups } = plan;
  return foldsOfRows(y, { ...plan, folds: outer }).map(({ inside, held }) => ({
    inside,
    held,
    inner: foldsOfRows(
      { codes: Int32Array.from(inside, (row) => y.codes[row]!), classes: y.classes },
      { ...plan, ...(groups && { groups: inside.map((row) => groups[row]!) }) },
    ),
  }));
}
