import { HeadstartError } from "../core/errors.js";
import type { ClassWeight, Labels } from "./classifier.js";

/** Order by UTF-16 code unit: the same in every locale. */
const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Turns label strings into codes; any string is a label, the empty one too.
 * @returns classes sorted by code unit, and one code a value.
 */
export function encodeLabels(values: readonly string[]): Labels {
  const classes = [...new Set(values)].sort(byCodeUnit);
  const codeOf = new Map(classes.map((label, code) => [label, code]));
  const codes = Int32Array.from(values, (label) => codeOf.get(label)!);
  return Object.freeze({ codes, classes: Object.freeze(classes) });
}

/** Rows of each class. */
export function countClasses(y: Labels): Int32Array {
  const counts = new Int32Array(y.classes.length);
  for (const code of y.codes) counts[code]!++;
  return counts;
}

/**
 * The multiplier of each class's rows in the loss: 1 without weights, n / (classes · count) for `balanced`,
 * else what the record says (1 for a class that it leaves out), as in scikit-learn.
 * @throws {HeadstartError} `usage` if the record names a class that the labels do not have.
 */
export function classMultipliers(y: Labels, weight: ClassWeight): Float64Array {
  const multipliers = new Float64Array(y.classes.length).fill(1);
  if (weight === null) return multipliers;
  if (weight === "balanced") {
    const counts = countClasses(y);
    return multipliers.map((_, code) => y.codes.length / (y.classes.length * counts[code]!));
  }
  for (const [label, value] of Object.entries(weight)) {
    const code = y.classes.indexOf(label);
    if (code < 0) {
      throw new HeadstartError("usage", `classWeight names '${label}', which is no class of the data`, {
        facts: { class: label, classes: y.classes },
        hint: `Classes: ${y.classes.slice(0, 20).join(", ")}`,
      });
    }
    multipliers[code] = value;
  }
  return multipliers;
}
