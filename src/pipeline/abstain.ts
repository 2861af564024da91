import { HeadstartError } from "../core/errors.js";
import type { LoadedHead } from "../heads/head-onnx.js";

/**
 * Makes sure that a head can abstain below a probability.
 * @throws {HeadstartError} `usage` for a probability outside (0, 1], or a head without probabilities.
 */
export function checkAbstain(below: number | undefined, path: string, head: LoadedHead): void {
  if (below === undefined) return;
  if (!(below > 0 && below <= 1)) {
    throw new HeadstartError("usage", `A head cannot abstain below a probability of ${below}`, {
      facts: { abstainBelow: below },
      hint: "Give a number above 0, and 1 at most, such as 0.8.",
    });
  }
  if (head.hasProbabilities) return;
  throw new HeadstartError("usage", `${path} (${head.meta.name}) has no probabilities to abstain by`, {
    facts: { path, head: head.meta.id },
    hint: "Train it with --calibrate platt, or take a head that has some, such as logistic-regression.",
  });
}
