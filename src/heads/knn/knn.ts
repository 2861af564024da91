import type { z } from "zod";
import { checkShape, type Matrix, zeros } from "../../linalg/matrix.js";
import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import { checkTrainingData } from "../check-training-data.js";
import type { Classifier, FittedClassifier, Labels } from "../classifier.js";
import { parseOptions } from "../parse-options.js";
import { writeNeighbourShares } from "./knn-graph.js";
import { nearest } from "./knn-neighbours.js";
import { type KnnOptions, knnOptions } from "./knn-options.js";
import { sharesOfNeighbours } from "./knn-shares.js";
import { neighbourTable } from "./knn-table.js";

export { type KnnOptions, knnOptions } from "./knn-options.js";

const ID = "knn.v1";

/**
 * k nearest neighbours, by brute force: scores and probabilities are the classes' shares among the neighbours.
 * The head file holds the training rows, as float32; the model in memory reads float32 rows where they were given, so
 * they must not change. Fewer rows than `nNeighbors` are all asked.
 * @example const head = await knn({ nNeighbors: 10, metric: "cosine" }).fit(X, y);
 * @throws {HeadstartError} `usage` for an option that is unknown or out of range.
 */
export function knn(given: z.input<typeof knnOptions> = {}): Classifier<KnnOptions> {
  const options = parseOptions("knn", knnOptions, given);
  return Object.freeze({
    id: ID,
    options,
    async fit(X: Matrix, y: Labels): Promise<FittedClassifier> {
      checkTrainingData(X, y);
      const classes = y.classes.length;
      const codes = y.codes.slice();
      const table = neighbourTable(options, X);
      const scores = (Q: Matrix): Matrix<Float64Array> => {
        checkShape("X", Q, "*", X.cols);
        const out = zeros(Q.rows, classes);
        nearest(table, Q, (row, neighbours, distances) => {
          const shares = out.data.subarray(row * classes, (row + 1) * classes);
          sharesOfNeighbours(options.weights, codes, neighbours, distances, shares);
        });
        return out;
      };
      return Object.freeze({
        id: ID,
        options,
        classes: y.classes,
        dim: X.cols,
        convergence: null,
        scores,
        probabilities: scores,
        writeGraph(graph: GraphBuilder, x: TensorName) {
          const shares = writeNeighbourShares(graph, table, options.weights, codes, classes, x);
          return { scores: shares, probabilities: shares };
        },
      });
    },
  } satisfies Classifier<KnnOptions>);
}
