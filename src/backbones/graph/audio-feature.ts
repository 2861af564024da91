import { HeadstartError } from "../../core/errors.js";
import { classifierInput } from "../../onnx/classifier-input.js";
import { cutGraph } from "../../onnx/cut-graph.js";
import { type GraphBuilder, graphBuilder, type TensorName } from "../../onnx/graph-builder.js";
import type { DataType, Model, ValueInfo } from "../../onnx/model.js";
import type { ConvStack } from "../audio/conv-stack.js";
import type { Pooling } from "../backbone.js";
import { asFloat32 } from "./as-float32.js";
import { l2Normalize } from "./l2-normalize.js";
import { poolTokens } from "./pool-tokens.js";
import { reduce } from "./reduce.js";
import type { FeatureGraph } from "./text-feature.js";

export interface AudioFeatureOptions {
  /** Outputs that are the feature, the preferred first; else the only states that the graph gives, or the only one that is called a vector. */
  readonly features: readonly string[];
  readonly pooling: Pooling;
  readonly normalize: boolean;
  /** Turns samples into frames where padding changes no frame of the sound itself; null where it may, or nobody knows. */
  readonly frames: ConvStack | null;
}

/**
 * Puts pooling over time and normalisation into a sound encoder's graph. An export that ends in logits is cut
 * before its classifier, so that the feature comes out. Frames of padding are left out where the graph reads an
 * `attention_mask` and `frames` tells which they are.
 * @param model - one input of waveforms `[batch, samples]` or spectrograms `[batch, features, frames]`, and perhaps
 *   `attention_mask` `[batch, samples]` int64.
 * @throws {HeadstartError} `model` if no output is a feature and no classifier is found to cut before.
 */
export function audioFeature(model: Model, options: AudioFeatureOptions): FeatureGraph {
  const found = featureOf(model, options.features);
  const opset = model.opsets[""] ?? 0;
  const base = cutGraph(model, [found.name]);
  const graph = graphBuilder({ name: model.graph.name, base });
  const reads = base.graph.inputs.some((input) => input.name === "attention_mask");
  const readsMask = reads && options.frames !== null;
  const values = asFloat32(graph, found.name, found.dtype);
  const pooling = found.rank === 2 ? "none" : options.pooling;
  let embedding = values;
  if (found.rank === 3) {
    const mask = readsMask ? frameMask(graph, values, options.frames!, opset) : everyFrame(graph, values);
    embedding = poolTokens(graph, values, mask, pooling, opset);
  }
  if (options.normalize) embedding = l2Normalize(graph, embedding, opset);
  graph.output(embedding, "headstart_embedding", "float32", ["batch", found.dim ?? "dim"]);
  return {
    model: graph.build(),
    layer: found.name,
    pooling,
    normalize: options.normalize,
    dim: found.dim,
    readsMask,
  };
}

/** `[batch, frames]` int64: 1 for the frames that the samples of the sound alone make. */
function frameMask(graph: GraphBuilder, states: TensorName, stack: ConvStack, opset: number): TensorName {
  const scalar = (value: number) => graph.int64([value], [1], "frame");
  let lengths = reduce(graph, "ReduceSum", "attention_mask", [1], { keepDims: true, opset });
  stack.kernels.forEach((kernel, i) => {
    const room = graph.op("Sub", [lengths, scalar(kernel)]);
    lengths = graph.op("Add", [graph.op("Div", [room, scalar(stack.strides[i]!)]), scalar(1)]);
  });
  const frames = graph.op("Gather", [graph.op("Shape", [states]), graph.int64([1], [], "axis")]);
  const places = graph.op("Range", [graph.int64([0], [], "zero"), frames, graph.int64([1], [], "one")]);
  return graph.op("Cast", [graph.op("Less", [places, lengths])], { to: { int: 7 } });
}

/** `[batch, frames]` int64, all 1. */
function everyFrame(graph: GraphBuilder, states: TensorName): TensorName {
  const shape = graph.op("Gather", [graph.op("Shape", [states]), graph.int64([0, 1], [2], "axes")]);
  return graph.op("Expand", [graph.int64([1], [1], "one"), shape]);
}

interface Found {
  readonly name: string;
  readonly rank: number;
  readonly dim: number | null;
  readonly dtype: DataType;
}

/** Outputs that carry no feature, however they are shaped. */
const SCORES = /logits|score|prob/i;
/** Outputs that are vectors by their names, where they have that rank: of a model, or of layers that were asked for. */
const LIKE_A_VECTOR = /embed|feature|pooled|^headstart_layers$/i;

function featureOf(model: Model, names: readonly string[]): Found {
  const { outputs } = model.graph;
  const named = names.map((name) => outputs.find((output) => output.name === name)).find(Boolean);
  if (named) return fromOutput(named, named.name === "pooler_output" ? 2 : 3);
  const states = outputs.filter((output) => output.shape?.length === 3 && !SCORES.test(output.name));
  if (states.length === 1) return fromOutput(states[0]!, 3);
  const vectors = outputs.filter(({ name, shape }) => shape?.length === 2 && LIKE_A_VECTOR.test(name));
  if (vectors.length === 1) return fromOutput(vectors[0]!, 2);
  const logits = outputs.find((output) => output.name === "logits");
  const before = logits && classifierInput(model, logits.name);
  if (before && before.rank !== 4) {
    return { name: before.name, rank: logits.shape?.length ?? 2, dim: before.dim, dtype: logits.dtype };
  }
  const listed = outputs.map((output) => `${output.name} [${output.shape?.join(", ") ?? "?"}]`).join("; ");
  throw new HeadstartError(
    "model",
    `No output of the graph is a feature of sounds, nor is its classifier recognised: ${listed}`,
    { hint: "Export the encoder for feature-extraction, so that it gives last_hidden_state." },
  );
}

function fromOutput({ name, shape, dtype }: ValueInfo, rank: number): Found {
  const dim = shape?.at(-1);
  return { name, rank: shape?.length ?? rank, dim: typeof dim === "number" ? dim : null, dtype };
}
