import { checkShape, type Matrix, zeros } from "../linalg/matrix.js";
import { checkTrainingData } from "./check-training-data.js";
import type { Classifier, FittedClassifier } from "./classifier.js";
import { countClasses } from "./labels.js";

/**
 * The floor under every other head: always the most frequent class, the first of them where several are.
 * Scores and probabilities are the shares of the classes in the training rows.
 */
export function majority(): Classifier<Record<string, never>> {
  const options = Object.freeze({});
  return Object.freeze({
    id: "majority.v1",
    options,
    async fit(X, y) {
      checkTrainingData(X, y);
      const dim = X.cols;
      const share = Float64Array.from(countClasses(y), (count) => count / X.rows);
      const scores = (Q: Matrix): Matrix<Float64Array> => {
        checkShape("X", Q, "*", dim);
        const out = zeros(Q.rows, share.length);
        for (let i = 0; i < Q.rows; i++) out.data.set(share, i * share.length);
        return out;
      };
      return Object.freeze({
        id: "majority.v1",
        options,
        classes: y.classes,
        dim,
        convergence: null,
        scores,
        probabilities: scores,
        writeGraph(graph, x) {
          const rows = graph.op("Shape", [x], { end: { int: 1 } });
          const target = graph.op("Concat", [rows, graph.int64([share.length], [1])], { axis: { int: 0 } });
          const table = graph.op("Expand", [graph.float32(share, [1, share.length]), target]);
          return { scores: table, probabilities: table };
        },
      } satisfies FittedClassifier);
    },
  } satisfies Classifier<Record<string, never>>);
}
