import { checkShape, type Matrix } from "../../linalg/matrix.js";
import type { FittedTransform } from "./transform.js";

/**
 * Divides each row by its Euclidean length; zeros stay zeros. It learns nothing from rows.
 * @param cols - how many columns the rows have.
 */
export function fitL2Scaler(cols: number): FittedTransform {
  return Object.freeze({
    kind: "l2",
    dim: cols,
    transform(Q: Matrix) {
      checkShape("X", Q, "*", cols);
      const out = new Float32Array(Q.data.length);
      for (let i = 0; i < Q.rows; i++) {
        let square = 0;
        for (let k = i * cols; k < (i + 1) * cols; k++) square += Q.data[k]! * Q.data[k]!;
        const length = Math.sqrt(square) || 1;
        for (let k = i * cols; k < (i + 1) * cols; k++) out[k] = Q.data[k]! / length;
      }
      return { data: out, rows: Q.rows, cols };
    },
    writeGraph(graph, x) {
      const wide = graph.op("Cast", [x], { to: { int: 11 } });
      const square = graph.op("ReduceSumSquare", [wide], { axes: { ints: [1] }, keepdims: { int: 1 } });
      const length = graph.op("Sqrt", [square]);
      // A length of 0 becomes 1.
      const none = graph.op("Cast", [graph.op("Equal", [length, graph.float64([0], [1])])], {
        to: { int: 11 },
      });
      const scaled = graph.op("Div", [wide, graph.op("Add", [length, none])]);
      return graph.op("Cast", [scaled], { to: { int: 1 } });
    },
  } satisfies FittedTransform);
}
