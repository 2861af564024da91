import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import { SAME } from "./knn-neighbours.js";

/** The small pieces that the search and the vote are put together from. */
export interface NeighbourNodes {
  /** float64 `[1]`. */
  scalar(value: number): TensorName;
  float64(tensor: TensorName): TensorName;
  float32(tensor: TensorName): TensorName;
  /** int64 `[1]`. */
  axis(value: number): TensorName;
  /** A tensor as one row of its elements. */
  flat(tensor: TensorName): TensorName;
  /** The smallest values of each row, and where they are; the first of equal ones first. */
  smallest(values: TensorName, count: number): [values: TensorName, places: TensorName];
  /** Zero where a squared distance is no more than rounding of `scale`. */
  settled(squared: TensorName, scale: TensorName): TensorName;
}

export function neighbourNodes(graph: GraphBuilder): NeighbourNodes {
  const cast = (tensor: TensorName, to: number): TensorName =>
    graph.op("Cast", [tensor], { to: { int: to } });
  const self: NeighbourNodes = {
    scalar: (value) => graph.float64([value], [1]),
    float64: (tensor) => cast(tensor, 11),
    float32: (tensor) => cast(tensor, 1),
    axis: (value) => graph.int64([value], [1]),
    flat: (tensor) => graph.op("Reshape", [tensor, self.axis(-1)]),
    smallest(values, count) {
      const attributes = { axis: { int: 1 }, largest: { int: 0 }, sorted: { int: 1 } };
      const [least, places] = graph.ops("TopK", [values, self.axis(count)], 2, attributes);
      return [least!, places!];
    },
    settled(squared, scale) {
      const rounding = graph.op("LessOrEqual", [squared, graph.op("Mul", [scale, self.scalar(SAME)])]);
      return graph.op("Where", [rounding, self.scalar(0), squared]);
    },
  };
  return self;
}
