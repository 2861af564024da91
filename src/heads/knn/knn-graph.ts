import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import { type NeighbourTable, SAME } from "./knn-neighbours.js";
import type { KnnOptions } from "./knn-options.js";

/** Rows of a graph in the coordinates of the search; `missing` is null under the Euclidean metric. */
interface Placed {
  readonly rows: TensorName;
  readonly norms: TensorName;
  readonly missing: TensorName | null;
}

/**
 * Adds the search and the vote of k nearest neighbours to a graph; distances are float64 throughout.
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
  const { source, k, metric } = table;
  const scalar = (value: number): TensorName => graph.float64([value], [1]);
  const float64 = (tensor: TensorName): TensorName => graph.op("Cast", [tensor], { to: { int: 11 } });
  const axis = (value: number): TensorName => graph.int64([value], [1]);
  /** Zero where a squared distance is no more than rounding. */
  const settled = (squared: TensorName, scale: TensorName): TensorName => {
    const rounding = graph.op("LessOrEqual", [squared, graph.op("Mul", [scale, scalar(SAME)])]);
    return graph.op("Where", [rounding, scalar(0), squared]);
  };
  /** The rows of a `[m, dim]` tensor, with norms and missing `[m, 1]`. */
  const place = (rows: TensorName): Placed => {
    const wide = float64(rows);
    if (metric === "euclidean") {
      const centred = graph.op("Sub", [wide, graph.float64(table.centre, [1, source.cols], "centre")]);
      const norms = graph.op("ReduceSum", [graph.op("Mul", [centred, centred]), axis(1)]);
      return { rows: centred, norms, missing: null };
    }
    const squares = graph.op("ReduceSum", [graph.op("Mul", [wide, wide]), axis(1)]);
    const empty = graph.op("Equal", [squares, scalar(0)]);
    const lengths = graph.op("Sqrt", [graph.op("Where", [empty, scalar(1), squares])]);
    const missing = float64(empty);
    const unit = graph.op("Div", [wide, lengths]);
    return {
      rows: unit,
      norms: graph.op("Add", [graph.op("Mul", [squares, scalar(0)]), scalar(1)]),
      missing,
    };
  };

  const queries = place(x);
  const trained = place(graph.float32(source.data, [source.rows, source.cols], "training_rows"));
  const turned = (tensor: TensorName): TensorName =>
    graph.op("Transpose", [tensor], { perm: { ints: [1, 0] } });
  const dots = graph.op("MatMul", [queries.rows, turned(trained.rows)]);
  const scale = graph.op("Add", [queries.norms, turned(trained.norms)]);
  const squared = graph.op("Sub", [scale, graph.op("Mul", [dots, scalar(2)])]);
  const keys = graph.op("Cast", [settled(squared, scale)], { to: { int: 1 } });
  const [, neighbours] = graph.ops("TopK", [keys, axis(k)], 2, {
    axis: { int: 1 },
    largest: { int: 0 },
    sorted: { int: 1 },
  }) as [TensorName, TensorName];

  const classOf = graph.op("Gather", [graph.int64(codes, [codes.length], "training_classes"), neighbours]);
  const oneHot = graph.op("OneHot", [classOf, graph.int64([classes], [1]), graph.float32([0, 1], [2])]);
  const votes = float64(oneHot);
  if (weights === "uniform") {
    const counts = graph.op("ReduceSum", [votes, axis(1)], { keepdims: { int: 0 } });
    return graph.op("Cast", [graph.op("Div", [counts, scalar(k)])], { to: { int: 1 } });
  }

  const gathered = graph.op("Gather", [trained.rows, neighbours]);
  const difference = graph.op("Sub", [graph.op("Unsqueeze", [queries.rows, axis(1)]), gathered]);
  const again = graph.op("ReduceSum", [graph.op("Mul", [difference, difference]), axis(2)], {
    keepdims: { int: 0 },
  });
  const pick = (column: TensorName): TensorName =>
    graph.op("Gather", [graph.op("Squeeze", [column, axis(1)]), neighbours]);
  const exact = settled(again, graph.op("Add", [queries.norms, pick(trained.norms)]));
  const distances =
    queries.missing === null || trained.missing === null
      ? graph.op("Sqrt", [exact])
      : graph.op("Div", [
          graph.op("Add", [graph.op("Add", [exact, queries.missing]), pick(trained.missing)]),
          scalar(2),
        ]);
  const zero = graph.op("Equal", [distances, scalar(0)]);
  const zeros = float64(zero);
  const any = graph.op("Greater", [graph.op("ReduceMax", [zeros], { axes: { ints: [1] } }), scalar(0)]);
  const inverse = graph.op("Where", [any, zeros, graph.op("Reciprocal", [distances])]);
  const weighted = graph.op("MatMul", [graph.op("Unsqueeze", [inverse, axis(1)]), votes]);
  const total = graph.op("ReduceSum", [inverse, axis(1)]);
  const shares = graph.op("Div", [graph.op("Squeeze", [weighted, axis(1)]), total]);
  return graph.op("Cast", [shares], { to: { int: 1 } });
}
