import { z } from "zod";
import { HeadstartError } from "../../core/errors.js";
import type { Labels } from "../classifier.js";
import { countClasses } from "../labels.js";

/** `priors` of the heads that model how features are spread in each class. */
export const priorsOption = z
  .union([z.null(), z.record(z.string(), z.number().positive())])
  .default(null)
  .describe(
    "Share of each class that is to be expected: null for that of the training rows, or a number a class",
  );

/**
 * How likely each class is beforehand, in the order of the classes; they sum to 1.
 * @throws {HeadstartError} `usage` unless the record names each class of the data, and no other.
 */
export function classPriors(y: Labels, priors: Readonly<Record<string, number>> | null): Float64Array {
  if (priors === null) return Float64Array.from(countClasses(y), (count) => count / y.codes.length);
  const strange = Object.keys(priors).find((label) => !y.classes.includes(label));
  const missing = y.classes.find((label) => !Object.hasOwn(priors, label));
  if (strange !== undefined || missing !== undefined) {
    throw new HeadstartError(
      "usage",
      strange !== undefined
        ? `priors names '${strange}', which is no class of the data`
        : `priors leaves out the class '${missing}'`,
      { facts: { class: strange ?? missing, classes: y.classes }, hint: "Give one number for each class." },
    );
  }
  const values = Float64Array.from(y.classes, (label) => priors[label]!);
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => value / sum);
}
