import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import { neighbourNodes } from "./knn-nodes.js";
import { writePlaced } from "./knn-placed-graph.js";
import type { NeighbourTable } from "./knn-table.js";

/**
 * Adds a search by all distances, in float64.
 * @param x - float32 `[m, dim]`. @param stored - training rows, float32 `[n, dim]`, at least k.
 * @returns places among the rows of `stored`, int64 `[m, k]`: nearest first, the lower one first of equally near ones.
 */
export function writeExactSearch(
  graph: GraphBuilder,
  table: NeighbourTable,
  x: TensorName,
  stored: TensorName,
): TensorName {
  const { scalar, float32, smallest, settled } = neighbourNodes(graph);
  const queries = writePlaced(graph, table, x);
  const trained = writePlaced(graph, table, stored);
  const turned = (tensor: TensorName): TensorName =>
    graph.op("Transpose", [tensor], { perm: { ints: [1, 0] } });
  const dots = graph.op("MatMul", [queries.rows, turned(trained.rows)]);
  const scale = graph.op("Add", [queries.norms, turned(trained.norms)]);
  const squared = graph.op("Sub", [scale, graph.op("Mul", [dots, scalar(2)])]);
  return smallest(float32(settled(squared, scale)), table.k)[1];
}
