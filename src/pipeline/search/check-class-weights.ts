import type { ClassWeight, Labels } from "../../heads/classifier.js";
import type { HeadRecipe } from "../../heads/head.js";
import { classMultipliers } from "../../heads/labels.js";

/**
 * A class weight that names no class of the data is wrong usage, to be found before any fit.
 * @throws {HeadstartError} `usage` naming the class.
 */
export function checkClassWeights(candidates: readonly HeadRecipe[], y: Labels): void {
  for (const { set } of candidates) {
    const weight = set?.classWeight;
    if (weight !== null && typeof weight === "object") classMultipliers(y, weight as ClassWeight);
  }
}
