import type { EncoderShape } from "../../src/backbones/encoder.js";
import { random } from "../../src/core/random.js";
import { encodeModel, graphBuilder } from "../../src/onnx/index.js";

/** The shape of a text encoder of `dim` numbers. */
export const textShape = (dim: number): EncoderShape => ({ dim, image: null, padId: 0, readsMask: true });

/**
 * Real graphs of texts: a table of `dim` numbers a token, `products` matrix products one after the other, the mean of those
 * that are no padding.
 */
export function textGraph(dim: number, products: number): Uint8Array {
  const rng = random(dim);
  const weights = (n: number) => Float32Array.from({ length: n }, () => (rng.next() - 0.5) / Math.sqrt(dim));
  const g = graphBuilder({ name: "texts" });
  const ids = g.input("input_ids", "int64", ["n", "tokens"]);
  const mask = g.op("Cast", [g.input("attention_mask", "int64", ["n", "tokens"])], { to: { int: 1 } });
  const last = g.int64([-1], [1]);
  let states = g.op("Gather", [g.float32(weights(50 * dim), [50, dim]), ids]);
  const matrix = g.float32(weights(dim * dim), [dim, dim]);
  for (let i = 0; i < products; i++) states = g.op("MatMul", [states, matrix]);
  const column = g.op("Unsqueeze", [mask, last]);
  const axis = g.int64([1], [1]);
  const sum = g.op("ReduceSum", [g.op("Mul", [states, column]), axis], { keepdims: { int: 0 } });
  const count = g.op("ReduceSum", [column, axis], { keepdims: { int: 0 } });
  g.output(g.op("Div", [sum, count]), "embedding", "float32", ["n", dim]);
  return encodeModel(g.build());
}

/** As much memory as the number of rows (4 at most) to the power of 24, four bytes each: 64 MiB for 2 rows, 1 TiB for 3. */
export function greedyTextGraph(dim: number): Uint8Array {
  const g = graphBuilder({ name: "greedy" });
  const ids = g.input("input_ids", "int64", ["n", "tokens"]);
  const axis = g.int64([0], [1]);
  const rows = g.op("Min", [g.op("Gather", [g.op("Shape", [ids]), axis]), g.int64([4], [1])]);
  let count = rows;
  for (let i = 1; i < 24; i++) count = g.op("Mul", [count, rows]);
  const zero = g.op("ReduceSum", [g.op("ConstantOfShape", [count]), axis], { keepdims: { int: 1 } });
  const table = g.float32(
    Float32Array.from({ length: 50 * dim }, (_, i) => Math.sin(i * i)),
    [50, dim],
  );
  const sum = g.op("ReduceSum", [g.op("Gather", [table, ids]), g.int64([1], [1])], { keepdims: { int: 0 } });
  g.output(g.op("Add", [sum, zero]), "embedding", "float32", ["n", dim]);
  return encodeModel(g.build());
}

/** Mean colour of an image: `[n, 3, 4, 4]` to `[n, 3]`. */
export function colourGraph(): Uint8Array {
  const g = graphBuilder({ name: "mean-colour" });
  const pixels = g.input("pixels", "float32", ["n", 3, 4, 4]);
  const mean = g.op("ReduceMean", [pixels], { axes: { ints: [2, 3] }, keepdims: { int: 0 } });
  g.output(mean, "embedding", "float32", ["n", 3]);
  return encodeModel(g.build());
}
