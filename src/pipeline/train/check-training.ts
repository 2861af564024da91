import { createHead } from "../../heads/registry.js";
import type { TrainOptions } from "../types.js";
import { checkDecision } from "./train-decision.js";
import { trainingRecipe } from "./training-recipe.js";

/**
 * Refuses what could not be trained whatever the rows are, before any of them is embedded.
 * @throws {HeadstartError} `usage` as `train`: for an option that the head does not have, a threshold without folds.
 */
export function checkTraining(options: Omit<TrainOptions, "embeddings">): void {
  const { name, ...recipe } = trainingRecipe(options);
  createHead(name, recipe);
  checkDecision(options);
}
