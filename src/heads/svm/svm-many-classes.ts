import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import { type SupportVectors, writeSums } from "./svm-decisions.js";
import { classPairs, ZERO } from "./svm-votes.js";

/**
 * Adds the scores of `scoresOfPairs` to a graph without a table of pairs by classes, which would take 4 GB for 1,000
 * classes: what each class's vectors sum up to against each other class is joined with what those sum up to against it,
 * and votes are counted row by row. Takes 40 bytes a row and pair of classes in either order while it runs.
 * @param x - float32 `[n, dim]`.
 * @returns float32 `[n, classes]`.
 */
export function writeManyClassScores(
  graph: GraphBuilder,
  vectors: SupportVectors,
  x: TensorName,
): TensorName {
  const { classes, intercepts } = vectors;
  const slots = classes - 1;
  const other = new Float64Array(classes * slots);
  const offsets = new Float64Array(classes * slots);
  const signs = new Float64Array(classes * slots);
  classPairs(classes).forEach(([a, b], pair) => {
    const [first, second] = [a * slots + b - 1, b * slots + a];
    other[first] = second;
    other[second] = first;
    offsets[first] = intercepts[pair]!;
    offsets[second] = intercepts[pair]!;
    signs[first] = 1;
    signs[second] = -1;
  });
  const width = classes * slots;
  const own = writeSums(graph, vectors, x);
  const against = graph.op("Gather", [own, graph.int64(other, [width], "other_side")], { axis: { int: 1 } });
  const decisions = graph.op("Add", [
    graph.op("Add", [own, against]),
    graph.float64(offsets, [1, width], "intercepts"),
  ]);
  const byClass = (table: TensorName): TensorName =>
    graph.op(
      "ReduceSum",
      [graph.op("Reshape", [table, graph.int64([-1, classes, slots], [3])]), graph.int64([2], [1])],
      { keepdims: { int: 0 } },
    );
  const sign = graph.float64(signs, [1, width], "pair_signs");
  const sums = byClass(graph.op("Mul", [decisions, sign]));
  const zero = graph.float64([0], [1, 1]);
  const wins = graph.op("Equal", [
    graph.op("Greater", [decisions, graph.float64([-ZERO], [1, 1])]),
    graph.op("Greater", [sign, zero]),
  ]);
  const votes = byClass(graph.op("Cast", [wins], { to: { int: DOUBLE } }));
  const size = graph.op("Add", [graph.op("Abs", [sums]), graph.float64([1], [1, 1])]);
  const squeezed = graph.op("Div", [sums, graph.op("Mul", [size, graph.float64([3], [1, 1])])]);
  return graph.op("Cast", [graph.op("Add", [votes, squeezed])], { to: { int: FLOAT } });
}

/** Of ONNX's data types. */
const FLOAT = 1;
const DOUBLE = 11;
