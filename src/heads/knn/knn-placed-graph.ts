import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import { neighbourNodes } from "./knn-nodes.js";
import type { NeighbourTable } from "./knn-table.js";

/** Rows of a graph in the coordinates of the search, float64. */
export interface PlacedTensors {
  readonly rows: TensorName;
  /** `[m, 1]`; 1 for every row under cosine. */
  readonly norms: TensorName;
  /** `[m, 1]`: 1 for a row of zeros under cosine; null under the Euclidean metric. */
  readonly missing: TensorName | null;
}

/** Adds the rows of a float32 `[m, dim]` tensor as the search needs them. */
export function writePlaced(
  graph: GraphBuilder,
  { metric, centre }: NeighbourTable,
  rows: TensorName,
): PlacedTensors {
  const { scalar, float64, axis } = neighbourNodes(graph);
  const wide = float64(rows);
  if (metric === "euclidean") {
    const mean = centre();
    const centred = graph.op("Sub", [wide, graph.float64(mean, [1, mean.length], "centre")]);
    const norms = graph.op("ReduceSum", [graph.op("Mul", [centred, centred]), axis(1)]);
    return { rows: centred, norms, missing: null };
  }
  const squares = graph.op("ReduceSum", [graph.op("Mul", [wide, wide]), axis(1)]);
  const empty = graph.op("Equal", [squares, scalar(0)]);
  const lengths = graph.op("Sqrt", [graph.op("Where", [empty, scalar(1), squares])]);
  return {
    rows: graph.op("Div", [wide, lengths]),
    norms: graph.op("Add", [graph.op("Mul", [squares, scalar(0)]), scalar(1)]),
    missing: float64(empty),
  };
}
