import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import type { NeighbourTable } from "./knn-neighbours.js";
import { neighbourNodes } from "./knn-nodes.js";

/** What a search in a graph finds for each of n rows, nearest first, the lower index first of equally near ones. */
export interface WrittenSearch {
  /** int64 `[n, k]`. */
  readonly neighbours: TensorName;
  /** Adds their distances, float64 `[n, k]`. */
  distances(): TensorName;
}

/** Rows of a graph in the coordinates of the search, float64. */
interface Placed {
  readonly rows: TensorName;
  /** `[m, 1]`; 1 for every row under cosine. */
  readonly norms: TensorName;
  /** `[m, 1]`: 1 for a row of zeros under cosine; null under the Euclidean metric. */
  readonly missing: TensorName | null;
}

/** Adds the rows of a float32 `[m, dim]` tensor as the search needs them. */
function place(graph: GraphBuilder, { metric, centre }: NeighbourTable, rows: TensorName): Placed {
  const { scalar, float64, axis } = neighbourNodes(graph);
  const wide = float64(rows);
  if (metric === "euclidean") {
    const centred = graph.op("Sub", [wide, graph.float64(centre, [1, centre.length], "centre")]);
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

/** Distances from settled squared ones; under cosine 1 - u·v is half of |u - v|² for rows of length 1. */
function distancesOf(
  graph: GraphBuilder,
  squared: TensorName,
  queries: Placed,
  missing: TensorName | null,
): TensorName {
  if (queries.missing === null || missing === null) return graph.op("Sqrt", [squared]);
  const sum = graph.op("Add", [graph.op("Add", [squared, queries.missing]), missing]);
  return graph.op("Div", [sum, neighbourNodes(graph).scalar(2)]);
}

/** Squared distances of each row from rows that were gathered for it, from the differences: `[n, m]`. */
function measured(graph: GraphBuilder, queries: Placed, gathered: TensorName): TensorName {
  const { axis } = neighbourNodes(graph);
  const difference = graph.op("Sub", [gathered, graph.op("Unsqueeze", [queries.rows, axis(1)])]);
  return graph.op("ReduceSumSquare", [difference], { axes: { ints: [2] }, keepdims: { int: 0 } });
}

/** All distances in float64. */
export function writeExactSearch(graph: GraphBuilder, table: NeighbourTable, x: TensorName): WrittenSearch {
  const { source, k } = table;
  const { scalar, float32, axis, smallest, settled } = neighbourNodes(graph);
  const queries = place(graph, table, x);
  const stored = graph.float32(source.data, [source.rows, source.cols], "training_rows");
  const trained = place(graph, table, stored);
  const turned = (tensor: TensorName): TensorName =>
    graph.op("Transpose", [tensor], { perm: { ints: [1, 0] } });
  const dots = graph.op("MatMul", [queries.rows, turned(trained.rows)]);
  const scale = graph.op("Add", [queries.norms, turned(trained.norms)]);
  const squared = graph.op("Sub", [scale, graph.op("Mul", [dots, scalar(2)])]);
  const [, neighbours] = smallest(float32(settled(squared, scale)), k);
  const pick = (column: TensorName): TensorName =>
    graph.op("Gather", [graph.op("Squeeze", [column, axis(1)]), neighbours]);
  return {
    neighbours,
    distances() {
      const again = measured(graph, queries, graph.op("Gather", [trained.rows, neighbours]));
      const exact = settled(again, graph.op("Add", [queries.norms, pick(trained.norms)]));
      return distancesOf(graph, exact, queries, trained.missing && pick(trained.missing));
    },
  };
}

/**
 * Candidates by float32 products, which leave |q|² out because it is the same for all of a row's; then these are
 * measured in float64.
 */
export function writeQuickSearch(
  graph: GraphBuilder,
  table: NeighbourTable,
  candidates: number,
  x: TensorName,
): WrittenSearch {
  const { source, k, metric, centre } = table;
  const { rows: n, cols: dim } = source;
  const { float64, float32, axis, smallest, settled } = neighbourNodes(graph);
  const euclidean = metric === "euclidean";
  const { norms, missing } = table.placed();
  const stored = graph.float32(source.data, [n, dim], "training_rows");
  const lengths = lengthsOf(table);
  const searched = euclidean
    ? graph.op("Sub", [stored, graph.float32(centre, [1, dim])])
    : graph.op("Mul", [
        stored,
        graph.float32(
          lengths.map((length) => 1 / length),
          [n, 1],
        ),
      ]);
  const queries = place(graph, table, x);
  const keys = graph.op("Gemm", [float32(queries.rows), searched, graph.float32(norms, [n])], {
    alpha: { float: -2 },
    transB: { int: 1 },
  });
  const [, near] = smallest(keys, candidates);
  // By index, so that the lower one comes first of equally near rows.
  const [indices] = smallest(near, candidates);
  const pick = (values: Float64Array): TensorName =>
    graph.op("Gather", [graph.float64(values, [n]), indices]);
  const wide = float64(graph.op("Gather", [stored, indices]));
  const gathered = euclidean
    ? graph.op("Sub", [wide, graph.float64(centre, [1, 1, dim], "centre")])
    : graph.op("Div", [wide, graph.op("Unsqueeze", [pick(lengths), axis(2)])]);
  const exact = settled(measured(graph, queries, gathered), graph.op("Add", [queries.norms, pick(norms)]));
  const [, places] = smallest(float32(exact), k);
  const chosen = (values: TensorName): TensorName =>
    graph.op("GatherElements", [values, places], { axis: { int: 1 } });
  return {
    neighbours: chosen(indices),
    distances: () => distancesOf(graph, chosen(exact), queries, euclidean ? null : chosen(pick(missing))),
  };
}

/** Lengths of the training rows; 1 for a row of zeros. */
function lengthsOf({ source }: NeighbourTable): Float64Array {
  const lengths = new Float64Array(source.rows);
  for (let i = 0, at = 0; i < source.rows; i++) {
    let sum = 0;
    for (let j = 0; j < source.cols; j++, at++) sum += source.data[at]! * source.data[at]!;
    lengths[i] = Math.sqrt(sum) || 1;
  }
  return lengths;
}
