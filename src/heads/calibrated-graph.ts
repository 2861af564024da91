import type { GraphBuilder, TensorName } from "../onnx/graph-builder.js";
import { LABEL_MARGIN } from "./calibrated-probabilities.js";
import type { Calibration, CalibrationMap } from "./calibration-map.js";

/**
 * Adds the nodes of `calibratedProbabilities`; they compute in float64, as isotonic maps may be steep.
 * @param scores - `[n, classes]` float32.
 * @returns `[n, classes]` float32.
 */
export function writeCalibration(
  graph: GraphBuilder,
  scores: TensorName,
  { maps }: Calibration,
  classes: number,
): TensorName {
  const one = graph.float64([1], [1, 1]);
  const exact = graph.op("Cast", [scores], { to: { int: DOUBLE } });
  const mapped =
    classes === 2
      ? withComplement(
          graph,
          writeMaps(graph, graph.op("MatMul", [exact, graph.float64([-1, 1], [2, 1])]), maps),
          one,
        )
      : writeMaps(graph, exact, maps);
  const total = rowSums(graph, mapped);
  const nothing = graph.op("Equal", [total, graph.float64([0], [1, 1])]);
  const some = graph.op("Where", [nothing, one, mapped]);
  const label = graph.op("ArgMax", [scores], {
    axis: { int: 1 },
    keepdims: { int: 1 },
    select_last_index: { int: 0 },
  });
  const codes = graph.int64(maps.length === 1 ? [0, 1] : maps.map((_, k) => k), [1, classes]);
  const isLabel = graph.op("Equal", [label, codes]);
  const others = graph.op("Where", [isLabel, graph.float64([0], [1, 1]), some]);
  const most = graph.op("ReduceMax", [others], { axes: { ints: [1] }, keepdims: { int: 1 } });
  const least = graph.op("Mul", [most, graph.float64([LABEL_MARGIN], [1, 1])]);
  const raised = graph.op("Where", [isLabel, graph.op("Max", [some, least]), some]);
  const shares = graph.op("Div", [raised, rowSums(graph, raised)]);
  return graph.op("Cast", [shares], { to: { int: FLOAT } });
}

/** Of ONNX's data types. */
const FLOAT = 1;
const DOUBLE = 11;

function withComplement(graph: GraphBuilder, second: TensorName, one: TensorName): TensorName {
  return graph.op("Concat", [graph.op("Sub", [one, second]), second], { axis: { int: 1 } });
}

function rowSums(graph: GraphBuilder, table: TensorName): TensorName {
  return graph.op("ReduceSum", [table, graph.int64([1], [1])], { keepdims: { int: 1 } });
}

/** Each column of `values` through its map. */
function writeMaps(graph: GraphBuilder, values: TensorName, maps: readonly CalibrationMap[]): TensorName {
  const sigmoids = maps.filter((map) => map.kind === "platt");
  if (sigmoids.length === maps.length) {
    const row = (numbers: number[]): TensorName => graph.float64(numbers, [1, maps.length]);
    const slopes = graph.op("Mul", [values, row(sigmoids.map((map) => map.slope))]);
    return graph.op("Sigmoid", [graph.op("Add", [slopes, row(sigmoids.map((map) => map.intercept))])]);
  }
  const columns = maps.map((map, k) => {
    if (map.kind === "platt") throw new TypeError("One calibration has maps of one kind");
    const column =
      maps.length === 1 ? values : graph.op("Gather", [values, graph.int64([k], [1])], { axis: { int: 1 } });
    return writeIsotonic(graph, column, map.x, map.y);
  });
  return columns.length === 1 ? columns[0]! : graph.op("Concat", columns, { axis: { int: 1 } });
}

/** Straight lines between points: the points at or below a value are counted, which gives its line. */
function writeIsotonic(graph: GraphBuilder, value: TensorName, x: Float64Array, y: Float64Array): TensorName {
  const lines = x.length - 1;
  const inside = graph.op("Clip", [value, graph.float64([x[0]!], []), graph.float64([x.at(-1)!], [])]);
  const slopes = Float64Array.from({ length: lines }, (_, j) => (y[j + 1]! - y[j]!) / (x[j + 1]! - x[j]!));
  const gather = (numbers: Float64Array): TensorName =>
    lines === 1
      ? graph.float64(numbers, [1, 1])
      : graph.op("Gather", [graph.float64(numbers, [lines]), line()], { axis: { int: 0 } });
  let found: TensorName | null = null;
  const line = (): TensorName => {
    if (found !== null) return found;
    const above = graph.op("GreaterOrEqual", [inside, graph.float64(x.subarray(1, -1), [1, lines - 1])]);
    const counted = graph.op("Cast", [above], { to: { int: INT64 } });
    found = rowSums(graph, counted);
    return found;
  };
  const step = graph.op("Sub", [inside, gather(x.subarray(0, lines))]);
  const rise = graph.op("Mul", [gather(slopes), step]);
  const height = graph.op("Add", [gather(y.subarray(0, lines)), rise]);
  return graph.op("Clip", [height, graph.float64([0], []), graph.float64([1], [])]);
}

const INT64 = 7;
