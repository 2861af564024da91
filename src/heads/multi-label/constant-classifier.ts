import { checkShape, type Matrix, zeros } from "../../linalg/matrix.js";
import type { FittedClassifier } from "../classifier.js";

/**
 * The answer for a label that all training rows have, or none: always the same, as scikit-learn's OneVsRestClassifier
 * has it. Scores are -1 and 1, probabilities 0 and 1.
 */
export function constantClassifier(
  classes: readonly [string, string],
  always: 0 | 1,
  dim: number,
): FittedClassifier {
  const filled = (row: readonly [number, number]) => (X: Matrix) => {
    checkShape("X", X, "*", dim);
    const out = zeros(X.rows, 2);
    for (let i = 0; i < X.rows; i++) out.data.set(row, 2 * i);
    return out;
  };
  const scores = always === 1 ? ([-1, 1] as const) : ([1, -1] as const);
  const probabilities = always === 1 ? ([0, 1] as const) : ([1, 0] as const);
  return Object.freeze({
    id: "constant.v1",
    options: Object.freeze({}),
    classes,
    dim,
    convergence: null,
    scores: filled(scores),
    probabilities: filled(probabilities),
    writeGraph(graph, x) {
      const rows = graph.op("Shape", [x], { end: { int: 1 } });
      const shape = graph.op("Concat", [rows, graph.int64([2], [1])], { axis: { int: 0 } });
      const table = (row: readonly number[]) => graph.op("Expand", [graph.float32(row, [1, 2]), shape]);
      return { scores: table(scores), probabilities: table(probabilities) };
    },
  } satisfies FittedClassifier);
}
