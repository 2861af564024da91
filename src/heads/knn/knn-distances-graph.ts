import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import { neighbourNodes } from "./knn-nodes.js";
import { writePlaced } from "./knn-placed-graph.js";
import type { NeighbourTable } from "./knn-table.js";

/**
 * Adds the distances of rows from their neighbours, computed from the differences in float64, which keeps them exact
 * however close they are.
 * @param x - float32 `[m, dim]`. @param stored - the training rows, float32 `[n, dim]`. @param neighbours - int64 `[m, k]`.
 * @returns float64 `[m, k]`.
 */
export function writeDistances(
  graph: GraphBuilder,
  table: NeighbourTable,
  x: TensorName,
  stored: TensorName,
  neighbours: TensorName,
): TensorName {
  const { scalar, float64, axis, settled } = neighbourNodes(graph);
  const n = table.source.rows;
  const squares = table.squares();
  const queries = writePlaced(graph, table, x);
  const found = float64(graph.op("Gather", [stored, neighbours]));
  const pick = (values: Float64Array): TensorName =>
    graph.op("Gather", [graph.float64(values, [n]), neighbours]);
  const apart = (from: TensorName, to: TensorName): TensorName => {
    const difference = graph.op("Sub", [to, graph.op("Unsqueeze", [from, axis(1)])]);
    return graph.op("ReduceSumSquare", [difference], { axes: { ints: [2] }, keepdims: { int: 0 } });
  };
  if (queries.missing === null) {
    // A common centre drops out of a difference.
    const scale = graph.op("Add", [queries.norms, pick(squares)]);
    return graph.op("Sqrt", [settled(apart(float64(x), found), scale)]);
  }
  const lengths = pick(squares.map((square) => Math.sqrt(square) || 1));
  const squared = apart(queries.rows, graph.op("Div", [found, graph.op("Unsqueeze", [lengths, axis(2)])]));
  // 1 - u·v is half of |u - v|² for rows of length 1.
  const missing = graph.op("Add", [queries.missing, pick(squares.map((square) => Number(square === 0)))]);
  const settledSquare = settled(squared, graph.op("Add", [queries.norms, scalar(1)]));
  return graph.op("Div", [graph.op("Add", [settledSquare, missing]), scalar(2)]);
}
