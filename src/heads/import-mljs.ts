import { HeadstartError } from "../core/errors.js";
import type { Matrix } from "../linalg/matrix.js";
import { argmaxRows } from "./argmax.js";
import type { FittedHead } from "./head.js";
import { importMljsForest } from "./mljs/import-mljs-forest.js";
import { importMljsSvm } from "./mljs/import-mljs-svm.js";

/** What a JSON model does not say. */
export interface ImportOptions {
  /** Labels in the order of the model's numbers; of an SVM, that of -1 first. Default: the numbers themselves. */
  readonly classes?: readonly string[];
  /** Columns of the embeddings. */
  readonly dim: number;
}

/**
 * A head from what ml-svm's or ml-random-forest's `toJSON` wrote. Its scores in memory are the package's own; verify its
 * file against them before it is kept. Rows trained on are not known, and count as 0.
 * @param model - the parsed JSON.
 * @throws {HeadstartError} `data` if it is neither, damaged, of another width, or of other classes than given.
 */
export function importMljs(model: unknown, { classes, dim }: ImportOptions): FittedHead {
  const isForest = model !== null && typeof model === "object" && "baseModel" in model;
  const imported = isForest ? importMljsForest(model, dim, classes) : importMljsSvm(model, dim, classes);
  const labels = imported.classes;
  if (labels.length < 2 || new Set(labels).size < labels.length) {
    throw new HeadstartError(
      "usage",
      "The classes of an imported model must be two or more different names",
      {
        facts: { classes: labels },
        hint: "Give them in the order of the model's numbers: --classes no,yes",
      },
    );
  }
  const { scores } = imported;
  return Object.freeze({
    name: isForest ? "random-forest" : "svm",
    engine: "mljs",
    seed: 0,
    rows: 0,
    classRows: labels.map((name) => ({ name, rows: 0 })),
    classes: labels,
    dim,
    scale: "none",
    pca: null,
    calibration: null,
    threshold: null,
    transforms: [],
    classifier: imported,
    scores,
    probabilities: imported.probabilities,
    predict: (X: Matrix) => Array.from(argmaxRows(scores(X)), (code) => labels[code]!),
  } satisfies FittedHead);
}
