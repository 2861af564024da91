import type { z } from "zod";
import { HeadstartError } from "../../core/errors.js";
import { checkShape, type Matrix, zeros } from "../../linalg/matrix.js";
import { float32Data } from "../../linalg/row-dots.js";
import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import { checkTrainingData } from "../check-training-data.js";
import type { Classifier, FitControl, FittedClassifier, Labels } from "../classifier.js";
import { parseOptions } from "../parse-options.js";
import { type Decide, decider, MANY_CLASSES, writeDecisions } from "./svm-decisions.js";
import { writeManyClassScores } from "./svm-many-classes.js";
import { type KernelSvmOptions, kernelSvmOptions } from "./svm-options.js";
import { trainPairs } from "./svm-train.js";
import { scoresOfPairs, writeScoresOfPairs } from "./svm-votes.js";

export { type KernelSvmOptions, kernelSvmOptions } from "./svm-options.js";

const ID = "svm.v1";

/** A trained kernel SVM. */
export interface FittedKernelSvm extends FittedClassifier {
  /** Support vectors of each class, in the order of the classes. */
  readonly supportVectors: readonly number[];
  /** The kernel with `gamma` as a number. */
  readonly kernel: Readonly<Record<string, unknown>>;
}

/** The estimator; its `fit` gives the kernel and the counts of support vectors too. */
export interface KernelSvm extends Classifier<KernelSvmOptions> {
  fit(X: Matrix, y: Labels, control?: FitControl): Promise<FittedKernelSvm>;
}

/**
 * Support vector classification with a kernel (C-SVC), one-vs-one over the pairs of classes.
 * Scores are scikit-learn's `decision_function`: [-d, d] for two classes, votes plus bounded confidences for more.
 * Rows are rounded to float32, all else is float64, in memory and in the graph alike. No probabilities.
 * @example const head = await kernelSvm({ C: 10, gamma: "scale" }).fit(X, y);
 * With `kernel: "precomputed"` X holds kernel values: `[n, n]` to fit, `[rows, n]` to predict, in memory and in the graph.
 * @throws {HeadstartError} `usage` for an option that is unknown or out of range.
 * More than 1,000 classes are refused by `fit`, as `data`: they have too many pairs.
 * @see Chang & Lin, "LIBSVM: a library for support vector machines", 2011.
 */
export function kernelSvm(given: z.input<typeof kernelSvmOptions> = {}): KernelSvm {
  const options = parseOptions("svm", kernelSvmOptions, given);
  return Object.freeze({
    id: ID,
    options,
    ...(options.kernel === "precomputed" && { scaling: "none" as const }),
    async fit(X: Matrix, y, control = {}): Promise<FittedKernelSvm> {
      checkTrainingData(X, y);
      refuseManyClasses(y.classes.length);
      const { vectors, convergence } = await trainPairs(
        options,
        { data: float32Data(X), rows: X.rows, cols: X.cols },
        y,
        control,
      );
      let decide: Decide | null = null;
      const classes = y.classes.length;
      return Object.freeze({
        id: ID,
        options,
        classes: y.classes,
        dim: X.cols,
        convergence: Object.freeze(convergence),
        supportVectors: Object.freeze(y.classes.map((_, c) => vectors.starts[c + 1]! - vectors.starts[c]!)),
        kernel: Object.freeze(vectors.basis.kernel),
        scores(Q: Matrix) {
          checkShape("X", Q, "*", X.cols);
          const out = zeros(Q.rows, classes);
          decide ??= decider(vectors);
          decide(Q, (row, decisions) => {
            scoresOfPairs(decisions, classes, out.data.subarray(row * classes, (row + 1) * classes));
          });
          return out;
        },
        probabilities: null,
        writeGraph: (graph: GraphBuilder, x: TensorName) => ({
          scores:
            classes > MANY_CLASSES
              ? writeManyClassScores(graph, vectors, x)
              : writeScoresOfPairs(graph, writeDecisions(graph, vectors, x), classes),
          probabilities: null,
        }),
      });
    },
  } satisfies KernelSvm);
}

/** So many classes have 499,500 pairs: every support vector has a coefficient for each other class, 8 KB in the file. */
const MOST_CLASSES = 1000;

function refuseManyClasses(classes: number): void {
  if (classes <= MOST_CLASSES) return;
  const pairs = (classes * (classes - 1)) / 2;
  throw new HeadstartError(
    "data",
    `svm learns every pair of classes: ${classes} classes make ${pairs} pairs, and ${MOST_CLASSES} classes are its limit`,
    {
      facts: { classes, pairs, limit: MOST_CLASSES },
      hint: "Use linear-svm, logistic-regression or knn: they grow with the classes, not with the pairs.",
    },
  );
}
