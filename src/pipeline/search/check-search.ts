import { type Candidate, recipesOfSpace } from "../../evaluation/search/recipes-of-space.js";
import { checkDecision } from "../train/train-decision.js";
import type { SearchOptions } from "../types/search-types.js";
import { refuseNestedThreshold } from "./search-decision.js";

/** Tried where no head is named: both are convex, and quick. */
const DEFAULT_HEADS = ["linear-svm", "logistic-regression"] as const;

/**
 * The candidates of a search, once all is checked that needs no rows.
 * @throws {HeadstartError} `usage` as `recipesOfSpace` and `checkDecision`, and for a threshold beside a nested search.
 */
export function checkSearch(options: Omit<SearchOptions, "embeddings">): Candidate[] {
  const { heads = DEFAULT_HEADS, engine = "headstart", grid, scales, pcas, seed = 0 } = options;
  const candidates = recipesOfSpace({ heads, engine, grid, scales, pcas, seed });
  checkDecision(options);
  refuseNestedThreshold(options);
  return candidates;
}
