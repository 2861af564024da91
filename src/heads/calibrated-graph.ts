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
  return writeIsotonic(
    graph,
    values,
    maps.filter((map) => map.kind === "isotonic"),
  );
}

/**
 * Straight lines between points, all columns at once. Each column's line is found by bisection in a table whose rows
 * are padded to one power of two, so that neither nodes nor memory grow with the points.
 */
function writeIsotonic(
  graph: GraphBuilder,
  values: TensorName,
  maps: readonly Extract<CalibrationMap, { kind: "isotonic" }>[],
): TensorName {
  const lines = Math.max(...maps.map(({ x }) => x.length - 1));
  const size = 2 ** Math.ceil(Math.log2(lines));
  const table = (
    value: (map: (typeof maps)[number], line: number) => number,
    padding: number,
  ): TensorName => {
    const flat = new Float64Array(maps.length * size).fill(padding);
    maps.forEach((map, k) => {
      for (let j = 0; j < map.x.length - 1; j++) flat[k * size + j] = value(map, j);
    });
    return graph.float64(flat, [flat.length]);
  };
  const row = (value: (map: (typeof maps)[number]) => number): TensorName =>
    graph.float64(maps.map(value), [1, maps.length]);
  const starts = table(({ x }, j) => x[j]!, Number.POSITIVE_INFINITY);
  const heights = table(({ y }, j) => y[j]!, 0);
  const slopes = table(({ x, y }, j) => (y[j + 1]! - y[j]!) / (x[j + 1]! - x[j]!), 0);
  const above = graph.op("Max", [values, row(({ x }) => x[0]!)]);
  const inside = graph.op("Min", [above, row(({ x }) => x.at(-1)!)]);
  let line = graph.int64(
    maps.map((_, k) => k * size),
    [1, maps.length],
  );
  for (let step = size / 2; step >= 1; step /= 2) {
    const further = graph.op("Add", [line, graph.int64([step], [1, 1])]);
    const isReached = graph.op("GreaterOrEqual", [inside, graph.op("Gather", [starts, further])]);
    line = graph.op("Where", [isReached, further, line]);
  }
  const run = graph.op("Sub", [inside, graph.op("Gather", [starts, line])]);
  const rise = graph.op("Mul", [graph.op("Gather", [slopes, line]), run]);
  const height = graph.op("Add", [graph.op("Gather", [heights, line]), rise]);
  return graph.op("Clip", [height, graph.float64([0], []), graph.float64([1], [])]);
}
