import type { HeadRecipe } from "../../heads/head.js";

/** Answers to rows, row after row: the code of a class, or 1 or 0 for each label. */
export type Answers = Int32Array | Uint8Array;

/** What a fit answers to the rows that it did not see. */
export interface FoldAnswers {
  readonly answers: Answers;
  /** False where the solver stopped before it was done. */
  readonly converged: boolean;
}

/** What a search learns from, and the figure that it chooses by: rows of one label (`classTask`) or of several (`labelSetTask`). */
export interface SearchTask {
  readonly rows: number;
  /** Room for the answers to all rows; what is not answered is -1, or 0. */
  room(): Answers;
  /** Rows that the first round of successive halving should have. */
  readonly leastRows: number;
  /**
   * Gathers rows to learn from and rows to answer, once for all that are fitted to them.
   * @returns fits a recipe to the former, and answers the latter in their order.
   */
  open(inside: readonly number[], held: readonly number[]): (recipe: HeadRecipe) => Promise<FoldAnswers>;
  /** The figure of the answers to these rows; the higher the better. */
  score(answers: Answers, held: readonly number[]): number;
  /** A share of these rows, in which labels have the shares that they have in all; a smaller share is a part of a larger one. */
  sample(rows: readonly number[], share: number, seed: number): readonly number[];
  /** The task of these rows alone, numbered anew. */
  part(rows: readonly number[]): SearchTask;
}
