import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import { writeDistances } from "./knn-distances-graph.js";
import { writeExactSearch } from "./knn-exact-graph.js";
import { neighbourNodes } from "./knn-nodes.js";
import type { KnnOptions } from "./knn-options.js";
import { canSearchQuickly, writeQuickSearch } from "./knn-quick-graph.js";
import type { NeighbourTable } from "./knn-table.js";

/**
 * Adds the search and the vote of k nearest neighbours to a graph. The search is in float32 where
 * that is sure of the neighbours, else in float64, as distances are.
 * @param codes - the class of each training row.
 * @param x - float32 `[n, dim]`.
 * @returns the shares of the classes, float32 `[n, classes]`.
 */
export function writeNeighbourShares(
  graph: GraphBuilder,
  table: NeighbourTable,
  weights: KnnOptions["weights"],
  codes: Int32Array,
  classes: number,
  x: TensorName,
): TensorName {
  const { scalar, float64, axis } = neighbourNodes(graph);
  const { source } = table;
  const stored = graph.float32(source.data, [source.rows, source.cols], "training_rows");
  const search = canSearchQuickly(table) ? writeQuickSearch : writeExactSearch;
  const neighbours = search(graph, table, x, stored);
  const classOf = graph.op("Gather", [graph.int64(codes, [codes.length], "training_classes"), neighbours]);
  const oneHot = graph.op("OneHot", [classOf, graph.int64([classes], [1]), graph.float32([0, 1], [2])]);
  const votes = float64(oneHot);
  if (weights === "uniform") {
    const counts = graph.op("ReduceSum", [votes, axis(1)], { keepdims: { int: 0 } });
    return graph.op("Cast", [graph.op("Div", [counts, scalar(table.k)])], { to: { int: 1 } });
  }
  const distances = writeDistances(graph, table, x, stored, neighbours);
  const zeros = float64(graph.op("Equal", [distances, scalar(0)]));
  const any = graph.op("Greater", [graph.op("ReduceMax", [zeros], { axes: { ints: [1] } }), scalar(0)]);
  const inverse = graph.op("Where", [any, zeros, graph.op("Reciprocal", [distances])]);
  const weighted = graph.op("MatMul", [graph.op("Unsqueeze", [inverse, axis(1)]), votes]);
  const total = graph.op("ReduceSum", [inverse, axis(1)]);
  const shares = graph.op("Div", [graph.op("Squeeze", [weighted, axis(1)]), total]);
  return graph.op("Cast", [shares], { to: { int: 1 } });
}
