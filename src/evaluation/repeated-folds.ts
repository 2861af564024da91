import { HeadstartError } from "../core/errors.js";
import { random } from "../core/random.js";
import type { Labels } from "../heads/classifier.js";
import { stratifiedFolds } from "./stratified-folds.js";

/**
 * Stratified folds, assigned anew for each repeat; the first are those of `stratifiedFolds` with the same seed.
 * @returns `repeats` arrays of n fold numbers in [0, folds).
 * @throws {HeadstartError} `usage` unless repeats is a whole number above 0; else as `stratifiedFolds`.
 */
export function repeatedFolds(y: Labels, folds: number, repeats: number, seed: number): Int32Array[] {
  return seedsOfRepeats(repeats, seed).map((one) => stratifiedFolds(y, folds, one));
}

/**
 * A seed for each repeat, the first the given one.
 * @throws {HeadstartError} `usage` unless repeats is a whole number above 0.
 */
export function seedsOfRepeats(repeats: number, seed: number): number[] {
  if (!Number.isInteger(repeats) || repeats < 1) {
    throw new HeadstartError(
      "usage",
      `Repeats of the cross-validation must be a whole number above 0; got ${repeats}`,
      { facts: { repeats } },
    );
  }
  const rng = random(seed);
  return Array.from({ length: repeats }, (_, repeat) => (repeat === 0 ? seed : rng.integer(2 ** 32)));
}
