import { HeadstartError } from "../../core/errors.js";
import type { HeadPredictions } from "../../heads/load-head.js";
import type { Matrix } from "../../linalg/matrix.js";
import type { ProbabilityRange } from "./range-of-scores.js";

/** Largest difference between the fused file's scores and the two-step ones, relative to max(1, |score|). */
export const FUSED_TOLERANCE = 1e-4;

/**
 * Compares the answers of a fused graph with those of backbone and head run apart.
 * @param range - what probabilities may be, for all that scores differ by rounding; null: no more than the tolerance.
 * @param nameOf - how errors call a row of the batch.
 * @returns the largest relative difference of scores and probabilities; of those that a range allows, none.
 * @throws {HeadstartError} `model` if it is above {@link FUSED_TOLERANCE}, or where labels differ that are no tie.
 */
export function compareAnswers(
  apart: HeadPredictions,
  fused: HeadPredictions,
  range: ProbabilityRange | null = null,
  nameOf: (row: number) => string = (row) => `row ${row} of the sample`,
): number {
  const largest = Math.max(
    difference("scores", nameOf, apart.scores, fused.scores),
    apart.probabilities && fused.probabilities
      ? difference("probabilities", nameOf, apart.probabilities, fused.probabilities, range)
      : 0,
  );
  apart.labels.forEach((label, row) => {
    if (label === fused.labels[row] || isTie(apart.scores, row)) return;
    throw refused(`${nameOf(row)} is '${label}' apart, '${fused.labels[row]}' fused`, { row });
  });
  return largest;
}

function difference(
  what: string,
  nameOf: (row: number) => string,
  apart: Matrix,
  fused: Matrix,
  range: ProbabilityRange | null = null,
): number {
  let largest = 0;
  for (let k = 0; k < apart.data.length; k++) {
    const [a, b] = [apart.data[k]!, fused.data[k]!];
    const found = Math.abs(a - b) / Math.max(1, Math.abs(a));
    if (found <= FUSED_TOLERANCE) {
      largest = Math.max(largest, found);
      continue;
    }
    if (range && b >= range.low[k]! - FUSED_TOLERANCE && b <= range.high[k]! + FUSED_TOLERANCE) continue;
    const row = Math.floor(k / apart.cols);
    throw refused(`${nameOf(row)} has ${what} ${a} apart, ${b} fused`, {
      row,
      column: k % apart.cols,
      apart: a,
      fused: b,
      tolerance: FUSED_TOLERANCE,
    });
  }
  return largest;
}

function isTie(scores: Matrix, row: number): boolean {
  const sorted = scores.data.slice(row * scores.cols, (row + 1) * scores.cols).sort();
  const first = sorted.at(-1)!;
  return first - (sorted.at(-2) ?? first) <= 2 * FUSED_TOLERANCE * Math.max(1, Math.abs(first));
}

const refused = (what: string, facts: Record<string, unknown>): HeadstartError =>
  new HeadstartError("model", `The fused graph does not answer as its parts do: ${what}; no file was kept`, {
    facts,
    hint: "Rounding in the backbone moves this head: a head with smoother scores (linear-svm, logistic-regression), or one that is scaled, may fuse.",
  });
