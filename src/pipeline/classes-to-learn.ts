import { HeadstartError } from "../core/errors.js";
import type { Labels } from "../heads/classifier.js";
import { countClasses, encodeLabels } from "../heads/labels.js";

/** Labels as codes, and rows by class. */
export interface ClassesToLearn {
  readonly y: Labels;
  readonly counts: readonly { readonly name: string; readonly rows: number }[];
}

/** @throws {HeadstartError} `data` for labels of one class only. */
export function classesToLearn(labels: readonly string[], path: string): ClassesToLearn {
  const y = encodeLabels(labels);
  if (y.classes.length < 2) {
    throw new HeadstartError("data", `${path} has one class only ('${y.classes[0]}')`, {
      facts: { path, classes: y.classes },
      hint: "A classifier needs rows of at least two classes.",
    });
  }
  return { y, counts: Array.from(countClasses(y), (rows, code) => ({ name: y.classes[code]!, rows })) };
}
