import { z } from "zod";
import { checkShape, type Matrix, zeros } from "../../linalg/matrix.js";
import { squaredNorms } from "../../linalg/row-dots.js";
import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import { checkTrainingData } from "../check-training-data.js";
import type { Classifier, FittedClassifier, Labels } from "../classifier.js";
import { dot } from "../linear/linear-model.js";
import { parseOptions } from "../parse-options.js";
import { fitL2Scaler } from "../transforms/l2-scaler.js";
import { classMeans } from "./class-moments.js";

const ID = "nearest-centroid.v1";

export const nearestCentroidOptions = z.strictObject({
  metric: z
    .enum(["euclidean", "cosine"])
    .default("euclidean")
    .describe("euclidean distance to the mean of a class, or cosine to the mean of its rows of length 1"),
});

export type NearestCentroidOptions = z.output<typeof nearestCentroidOptions>;

/**
 * The class whose mean is nearest (Rocchio's classifier). Scores are the negative squared distance, or the cosine;
 * a row of zeros has the cosine 0 to everything.
 * @throws {HeadstartError} `usage` for an option that is unknown or out of range.
 * @see Manning, Raghavan & Schütze, Introduction to Information Retrieval, 14.2; scikit-learn's NearestCentroid.
 */
export function nearestCentroid(
  options: z.input<typeof nearestCentroidOptions> = {},
): Classifier<NearestCentroidOptions> {
  const resolved = parseOptions("nearest-centroid", nearestCentroidOptions, options);
  return Object.freeze({
    id: ID,
    options: resolved,
    fit: async (X: Matrix, y: Labels) => {
      checkTrainingData(X, y);
      const parts = resolved.metric === "cosine" ? cosine(X, y) : euclidean(X, y);
      return Object.freeze({
        id: ID,
        options: resolved,
        classes: y.classes,
        dim: X.cols,
        convergence: null,
        probabilities: null,
        scores(Q) {
          checkShape("X", Q, "*", X.cols);
          return parts.scores(Q);
        },
        writeGraph: (graph, x) => ({
          scores: graph.op("Cast", [parts.write(graph, graph.op("Cast", [x], { to: { int: 11 } }))], {
            to: { int: 1 },
          }),
          probabilities: null,
        }),
      } satisfies FittedClassifier);
    },
  });
}

/** Scores of rows, and the nodes that compute them from float64 `[n, dim]` to float64 `[n, classes]`. */
interface Scoring {
  scores(Q: Matrix): Matrix<Float64Array>;
  write(graph: GraphBuilder, wide: TensorName): TensorName;
}

/** -|x - c|^2 as 2 x.c - |c|^2 - |x|^2, with the mean of the centroids as the origin so that few digits cancel. */
function euclidean(X: Matrix, y: Labels): Scoring {
  const means = classMeans(X, y);
  const { rows: classes, cols } = means;
  const origin = new Float64Array(cols);
  for (let k = 0; k < means.data.length; k++) origin[k % cols]! += means.data[k]! / classes;
  for (let k = 0; k < means.data.length; k++) means.data[k]! -= origin[k % cols]!;
  const squares = squaredNorms(means);
  return {
    scores(Q) {
      const out = zeros(Q.rows, classes);
      const row = new Float64Array(cols);
      for (let i = 0; i < Q.rows; i++) {
        for (let j = 0; j < cols; j++) row[j] = Q.data[i * cols + j]! - origin[j]!;
        const square = dot(row, 0, row, 0, cols);
        for (let c = 0; c < classes; c++) {
          out.data[i * classes + c] = 2 * dot(row, 0, means.data, c * cols, cols) - squares[c]! - square;
        }
      }
      return out;
    },
    write(graph, wide) {
      const shifted = graph.op("Sub", [wide, graph.float64(origin, [cols], "origin")]);
      const twice = graph.float64(
        transposed(means).map((value) => 2 * value),
        [cols, classes],
        "centroids",
      );
      const near = graph.op("Sub", [
        graph.op("MatMul", [shifted, twice]),
        graph.float64(squares, [classes], "centroid_squares"),
      ]);
      const square = graph.op("ReduceSumSquare", [shifted], { axes: { ints: [1] }, keepdims: { int: 1 } });
      return graph.op("Sub", [near, square]);
    },
  };
}

function cosine(X: Matrix, y: Labels): Scoring {
  const means = classMeans(fitL2Scaler(X.cols).transform(X), y);
  const { rows: classes, cols } = means;
  for (let c = 0; c < classes; c++) {
    const length = lengthOf(means.data, c * cols, cols);
    for (let k = c * cols; k < (c + 1) * cols; k++) means.data[k]! /= length;
  }
  return {
    scores(Q) {
      const out = zeros(Q.rows, classes);
      for (let i = 0; i < Q.rows; i++) {
        const length = lengthOf(Q.data, i * cols, cols);
        for (let c = 0; c < classes; c++) {
          out.data[i * classes + c] = dot(Q.data, i * cols, means.data, c * cols, cols) / length;
        }
      }
      return out;
    },
    write(graph, wide) {
      const dots = graph.op("MatMul", [wide, graph.float64(transposed(means), [cols, classes], "centroids")]);
      const square = graph.op("ReduceSumSquare", [wide], { axes: { ints: [1] }, keepdims: { int: 1 } });
      const length = graph.op("Sqrt", [square]);
      // A length of 0 becomes 1.
      const none = graph.op("Cast", [graph.op("Equal", [length, graph.float64([0], [1])])], {
        to: { int: 11 },
      });
      return graph.op("Div", [dots, graph.op("Add", [length, none])]);
    },
  };
}

/** Euclidean length; 1 for zeros. */
function lengthOf(data: Float32Array | Float64Array, start: number, cols: number): number {
  return Math.sqrt(dot(data, start, data, start, cols)) || 1;
}

function transposed({ data, rows, cols }: Matrix<Float64Array>): Float64Array {
  return Float64Array.from(data, (_, k) => data[(k % rows) * cols + Math.floor(k / rows)]!);
}
