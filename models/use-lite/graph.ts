import { type GraphBuilder, graphBuilder, type TensorName } from "../../src/onnx/graph-builder.js";
import type { Model } from "../../src/onnx/model.js";
import type { Weights } from "../tfjs/read-weights.js";

const EMBEDDING = 256;
const HIDDEN = 512;
const FEED_FORWARD = 1536;
const HEADS = 4;
const VOCABULARY = 8002;
/** Added to the score of a padded key. */
const MASKED = -1e9;

const LAYERS = "module_apply_default/Encoder_en/KonaTransformer/Encode";
const KERNELS = "module/Encoder_en/KonaTransformer/Encode";
/** How most names end. */
const PART = "ConcatPartitions/concat";

/** What each layer of the graph needs at hand. */
interface Scope {
  readonly g: GraphBuilder;
  readonly weights: Weights;
  /** `[batch, 1, 1, tokens]`: 0 for a token, -1e9 for padding. */
  readonly keyBias: TensorName;
}

/**
 * The Universal Sentence Encoder lite as a dense batched graph: two transformer layers, the masked mean of their states,
 * a tanh layer, L2 normalisation. The original scatters its tokens out of a sparse tensor; here padding is masked instead.
 * A row that is all padding gives what the original gives for a text without tokens: `normalise(tanh(bias))`.
 * @param weights - of the TensorFlow.js model.
 * @returns inputs `input_ids`, `attention_mask` int64 `[batch, tokens]`, tokens at least 1; output `embedding` `[batch, 512]`.
 * @see Cer et al., "Universal Sentence Encoder", 2018.
 */
export function useLiteGraph(weights: Weights): Model {
  const g = graphBuilder({ name: "use-lite" });
  const ids = g.input("input_ids", "int64", ["batch", "tokens"]);
  const mask = g.op("Cast", [g.input("attention_mask", "int64", ["batch", "tokens"])], { to: { int: 1 } });
  const padded = g.op("Sub", [g.float32([1], []), mask]);
  const keyBias = g.op("Mul", [g.op("Unsqueeze", [padded, g.int64([1, 2], [2])]), g.float32([MASKED], [])]);
  const scope = { g, weights, keyBias };

  const table = g.float32(
    weights.float32("module/Embeddings_en", [VOCABULARY, EMBEDDING]),
    [VOCABULARY, EMBEDDING],
    "embeddings",
  );
  const embedded = g.op("Gather", [table, ids]);
  let states = g.op("Add", [embedded, g.op("Add", [embedded, timingSignal(scope, ids)])]);
  states = transformerLayer(scope, states, 0, EMBEDDING);
  states = transformerLayer(scope, states, 1, HIDDEN);

  const each = g.op("Unsqueeze", [mask, g.int64([2], [1])]);
  const sum = g.op("ReduceSum", [g.op("Mul", [states, each]), g.int64([1], [1])], { keepdims: { int: 0 } });
  const count = g.op("Max", [g.op("ReduceSum", [mask, g.int64([1], [1])]), g.float32([1], [])]);
  const mean = g.op("Div", [sum, count]);
  const top = "module/Encoder_en/hidden_layers/tanh_layer_0";
  const tanh = g.op("Tanh", [dense(scope, mean, `${top}/weights`, `${top}/bias`, [HIDDEN, HIDDEN])]);
  const squares = g.op("ReduceSum", [g.op("Mul", [tanh, tanh]), g.int64([1], [1])]);
  const norm = g.op("Sqrt", [g.op("Max", [squares, g.float32([1e-12], [])])]);
  g.output(g.op("Div", [tanh, norm]), "embedding", "float32", ["batch", HIDDEN]);
  return g.build();
}

/** Sines, then cosines, of the position times 128 falling frequencies: `[tokens, 256]`, positions from 0. */
function timingSignal({ g, weights }: Scope, ids: TensorName): TensorName {
  const name = `${LAYERS}/TransformerStack/Layer_0/AddTimingSignal/TimingSignal/ExpandDims_1`;
  const frequencies = g.float32(weights.float32(name, [EMBEDDING / 2]), [1, EMBEDDING / 2], "frequencies");
  const tokens = g.op("Squeeze", [g.op("Shape", [ids], { start: { int: 1 } }), g.int64([0], [1])]);
  const range = g.op("Range", [g.int64([0], []), tokens, g.int64([1], [])]);
  const positions = g.op("Unsqueeze", [g.op("Cast", [range], { to: { int: 1 } }), g.int64([1], [1])]);
  const angles = g.op("Mul", [positions, frequencies]);
  return g.op("Concat", [g.op("Sin", [angles]), g.op("Cos", [angles])], { axis: { int: 1 } });
}

/** Pre-norm attention and feed-forward, each with its residual; the first layer's residual widens 256 to 512. */
function transformerLayer(scope: Scope, states: TensorName, layer: number, width: number): TensorName {
  const { g } = scope;
  const at = `${LAYERS}/Layer_${layer}/TransformerLayer`;
  const attention = selfAttention(scope, layerNorm(scope, states, at, width), layer, width);
  const residual =
    width === HIDDEN
      ? states
      : dense(scope, states, `${at}/dense/kernel/${PART}`, `${at}/dense/bias/${PART}`, [width, HIDDEN]);
  const attended = g.op("Add", [attention, residual]);

  const stack = `${LAYERS}/TransformerStack/Layer_${layer}/TransformerLayer/FFN`;
  const convolution = (name: string, input: TensorName, dims: readonly [number, number]): TensorName =>
    dense(scope, input, `${stack}/${name}/Tensordot/Reshape_1`, `${at}/FFN/${name}/bias/${PART}`, dims);
  const normed = layerNorm(scope, attended, `${at}/FFN`, HIDDEN);
  const inner = g.op("Relu", [convolution("conv1", normed, [HIDDEN, FEED_FORWARD])]);
  return g.op(
    "Add",
    [convolution("conv2", inner, [FEED_FORWARD, HIDDEN]), attended],
    {},
    { name: `layer_${layer}` },
  );
}

/** Four heads; the scaled queries meet the keys, padded keys get no share. */
function selfAttention(scope: Scope, states: TensorName, layer: number, width: number): TensorName {
  const { g, weights, keyBias } = scope;
  const at = `Layer_${layer}/TransformerLayer/MultiheadAttention`;
  const projection = (name: string, input: TensorName, dims: readonly [number, number]): TensorName =>
    dense(
      scope,
      input,
      `${KERNELS}/${at}/${name}/kernel/part_0`,
      `${LAYERS}/${at}/${name}/bias/${PART}`,
      dims,
    );
  const packed = projection("qkv_transform_single", states, [width, 3 * width]);
  const [q, k, v] = g.ops("Split", [packed], 3, { axis: { int: 2 } }) as [TensorName, TensorName, TensorName];
  const heads = (tensor: TensorName, perm: readonly number[]): TensorName =>
    g.op("Transpose", [g.op("Reshape", [tensor, g.int64([0, 0, HEADS, width / HEADS], [4])])], {
      perm: { ints: perm },
    });
  const scale = g.float32(weights.float32(`${LAYERS}/TransformerStack/${at}/mul/y`, []), []);
  const queries = g.op("Mul", [heads(q, [0, 2, 1, 3]), scale]);
  const scores = g.op("Add", [g.op("MatMul", [queries, heads(k, [0, 2, 3, 1])]), keyBias]);
  const shares = g.op("Softmax", [scores], { axis: { int: -1 } });
  const mixed = g.op("Transpose", [g.op("MatMul", [shares, heads(v, [0, 2, 1, 3])])], {
    perm: { ints: [0, 2, 1, 3] },
  });
  const joined = g.op("Reshape", [mixed, g.int64([0, 0, width], [3])]);
  return projection("output_transform_single", joined, [width, HIDDEN]);
}

function layerNorm({ g, weights }: Scope, states: TensorName, at: string, width: number): TensorName {
  const part = (name: string): TensorName =>
    g.float32(
      weights.float32(`${at}/layer_prepostprocess/layer_norm/layer_norm_${name}/${PART}`, [width]),
      [width],
      name,
    );
  return g.op("LayerNormalization", [states, part("scale"), part("bias")], {
    axis: { int: -1 },
    epsilon: { float: 1e-6 },
  });
}

/** `states · kernel + bias`, both by their names among the weights. */
function dense(
  { g, weights }: Scope,
  states: TensorName,
  kernel: string,
  bias: string,
  dims: readonly [number, number],
): TensorName {
  const product = g.op("MatMul", [states, g.float32(weights.float32(kernel, dims), dims, "kernel")]);
  return g.op("Add", [product, g.float32(weights.float32(bias, [dims[1]]), [dims[1]], "bias")]);
}
