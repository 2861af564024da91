import { type GraphBuilder, graphBuilder, type Model, type TensorName } from "../src/onnx/index.js";

/** Sizes of an encoder; BERT-base has 12 blocks of 768, 3,072 inside, 30,522 words: 434 MB. */
export interface BertSize {
  readonly blocks: number;
  readonly dim: number;
  readonly inner: number;
  readonly words: number;
}

export const BERT_BASE: BertSize = { blocks: 12, dim: 768, inner: 3072, words: 30_522 };

const HEAD = 64;

/** An encoder shaped and named as exporters write a BERT, its weights made up. */
export function bertLike({ blocks, dim, inner, words }: BertSize): Model {
  const g = graphBuilder({ name: "bert-like" });
  let state = 1;
  const weight = (...dims: number[]): TensorName => {
    const values = new Float32Array(dims.reduce((product, size) => product * size, 1));
    for (let i = 0; i < values.length; i++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
      values[i] = state * 1e-11;
    }
    return g.float32(values, dims);
  };
  const linear = (x: TensorName, name: string, from: number, to: number): TensorName => {
    const product = g.op("MatMul", [x, weight(from, to)], {}, { name: `${name}/MatMul` });
    return g.op("Add", [weight(to), product], {}, { name: `${name}/Add` });
  };
  const norm = (x: TensorName, name: string): TensorName =>
    g.op("LayerNormalization", [x, weight(dim), weight(dim)], { axis: { int: -1 } }, { name });
  const ids = g.input("input_ids", "int64", ["batch", "tokens"]);
  let x = g.op("Gather", [weight(words, dim), ids], {}, { name: "/embeddings/Gather" });
  for (let block = 0; block < blocks; block++) {
    const path = `/encoder/layer.${block}`;
    const attended = norm(
      g.op(
        "Add",
        [attention(g, x, `${path}/attention`, dim, linear), x],
        {},
        { name: `${path}/attention/output/Add` },
      ),
      `${path}/attention/output/LayerNorm`,
    );
    const wide = g.op("Relu", [linear(attended, `${path}/intermediate`, dim, inner)]);
    const narrow = linear(wide, `${path}/output/dense`, inner, dim);
    x = norm(g.op("Add", [narrow, attended], {}, { name: `${path}/output/Add` }), `${path}/output/LayerNorm`);
  }
  g.output(x, "last_hidden_state", "float32", ["batch", "tokens", dim]);
  return g.build();
}

function attention(
  g: GraphBuilder,
  x: TensorName,
  path: string,
  dim: number,
  linear: (x: TensorName, name: string, from: number, to: number) => TensorName,
): TensorName {
  const apart = g.int64([0, 0, dim / HEAD, HEAD], [4]);
  const heads = (name: string, perm: readonly number[]): TensorName => {
    const split = g.op("Reshape", [linear(x, `${path}/self/${name}`, dim, dim), apart]);
    return g.op("Transpose", [split], { perm: { ints: perm } });
  };
  const query = heads("query", [0, 2, 1, 3]);
  const key = heads("key", [0, 2, 3, 1]);
  const value = heads("value", [0, 2, 1, 3]);
  const scores = g.op("Mul", [g.op("MatMul", [query, key]), g.float32([HEAD ** -0.5], [])]);
  const mixed = g.op("MatMul", [g.op("Softmax", [scores], { axis: { int: -1 } }), value]);
  const rows = g.op("Transpose", [mixed], { perm: { ints: [0, 2, 1, 3] } });
  const together = g.op("Reshape", [rows, g.int64([0, 0, dim], [3])]);
  return linear(together, `${path}/output/dense`, dim, dim);
}
