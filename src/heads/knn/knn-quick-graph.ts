import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import { writeExactSearch } from "./knn-exact-graph.js";
import { neighbourNodes } from "./knn-nodes.js";
import { roundingOf, TINY } from "./knn-rounding.js";
import type { NeighbourTable } from "./knn-table.js";

/** Squared lengths between which float32 neither overflows nor loses digits. */
const SHORTEST = 1e-30;
const LONGEST = 1e30;

/** Whether a search in float32 is of use: there are different rows to choose from, of lengths that it holds. */
export function canSearchQuickly({ k, metric, source, squares, repeated }: NeighbourTable): boolean {
  const least = metric === "cosine" ? SHORTEST : 0;
  return (
    4 * (k + 1) <= source.rows &&
    !repeated() &&
    squares().every((square) => square === 0 || (square > least && square < LONGEST))
  );
}

/**
 * Adds a search by float32 products, which leave |q|² out because it is the same for all of a row's. Where the k nearest
 * stand off from the next by more than rounding can move them, they are the k nearest. The other rows, mostly few, are
 * searched in float64, among the training rows that come into question for any of them.
 * @param x - float32 `[m, dim]`. @param stored - the training rows, float32 `[n, dim]`.
 * @returns int64 `[m, k]`.
 */
export function writeQuickSearch(
  graph: GraphBuilder,
  table: NeighbourTable,
  x: TensorName,
  stored: TensorName,
): TensorName {
  const { axis, flat, float32, smallest } = neighbourNodes(graph);
  const { k } = table;
  const { keys, doubt } =
    table.metric === "euclidean" ? squaredKeys(graph, table, x, stored) : cosineKeys(graph, table, x, stored);
  const [least, places] = smallest(keys, k + 1);
  const column = (at: number): TensorName => graph.op("Gather", [least, axis(at)], { axis: { int: 1 } });
  const last = column(k - 1);
  const gap = graph.op("Sub", [column(k), last]);
  // Asked for this way round, what is not a number is in doubt too. The first row always is: some runtimes end the
  // process in TopK where there is no row.
  const unsure = float32(graph.op("Not", [graph.op("Greater", [gap, doubt])]));
  const others = graph.op("Slice", [unsure, axis(1), axis(2 ** 31 - 1), axis(0)]);
  const mask = graph.op("Concat", [graph.float32([1], [1, 1]), others], { axis: { int: 0 } });
  const rows = flat(graph.op("NonZero", [flat(mask)]));
  const of = (tensor: TensorName): TensorName => graph.op("Gather", [tensor, rows]);
  const beyond = graph.op("Greater", [of(keys), of(graph.op("Add", [last, doubt]))]);
  const inQuestion = float32(graph.op("Not", [beyond]));
  const askedBy = graph.op("ReduceSum", [inQuestion, axis(0)], { keepdims: { int: 0 } });
  const candidates = flat(graph.op("NonZero", [askedBy]));
  const exact = writeExactSearch(graph, table, of(x), graph.op("Gather", [stored, candidates]));
  const quick = graph.op("Slice", [places, axis(0), axis(k), axis(1)]);
  const at = graph.op("Unsqueeze", [rows, axis(1)]);
  return graph.op("ScatterND", [quick, at, graph.op("Gather", [candidates, exact])]);
}

/** What float32 finds, and how far a difference of two keys of a row may be off, `[m, 1]`. */
interface QuickKeys {
  readonly keys: TensorName;
  readonly doubt: TensorName;
}

/** |t|² - 2 q·t, about the centre: one product, of rows that end in -1/2 and in |t|². */
function squaredKeys(
  graph: GraphBuilder,
  table: NeighbourTable,
  x: TensorName,
  stored: TensorName,
): QuickKeys {
  const { rows: n, cols: dim } = table.source;
  const squares = table.squares();
  const centre = graph.float32(table.centre(), [1, dim]);
  const centred = graph.op("Sub", [x, centre]);
  const longer = graph.op("Pad", [centred, graph.int64([0, 0, 0, 1], [4]), graph.float32([-0.5], [])]);
  const searched = graph.op("Concat", [graph.op("Sub", [stored, centre]), graph.float32(squares, [n, 1])], {
    axis: { int: 1 },
  });
  const keys = graph.op("Gemm", [longer, searched], { alpha: { float: -2 }, transB: { int: 1 } });
  const square = graph.op("ReduceSumSquare", [centred], { axes: { ints: [1] } });
  const longest = squares.reduce((most, one) => Math.max(most, one));
  const lengths = graph.op("Add", [square, graph.float32([2 * longest], [1])]);
  const share = graph.op("Mul", [lengths, graph.float32([roundingOf(dim)], [1])]);
  return { keys, doubt: graph.op("Add", [share, graph.float32([TINY], [1])]) };
}

/** -q·t, of training rows of length 1: the length of q does not change their order. */
function cosineKeys(
  graph: GraphBuilder,
  table: NeighbourTable,
  x: TensorName,
  stored: TensorName,
): QuickKeys {
  const { rows: n, cols: dim } = table.source;
  const inverse = table.squares().map((square) => 1 / (Math.sqrt(square) || 1));
  const searched = graph.op("Mul", [stored, graph.float32(inverse, [n, 1])]);
  const keys = graph.op("Gemm", [x, searched], { alpha: { float: -1 }, transB: { int: 1 } });
  const length = graph.op("ReduceL2", [x], { axes: { ints: [1] } });
  const share = graph.op("Mul", [length, graph.float32([roundingOf(dim)], [1])]);
  return { keys, doubt: graph.op("Add", [share, graph.float32([TINY], [1])]) };
}
