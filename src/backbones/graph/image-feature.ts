import { HeadstartError } from "../../core/errors.js";
import { cutGraph } from "../../onnx/cut-graph.js";
import { graphBuilder } from "../../onnx/graph-builder.js";
import type { DataType, Model, Node, ValueInfo } from "../../onnx/model.js";
import type { Pooling } from "../backbone.js";
import { asFloat32 } from "./as-float32.js";
import { l2Normalize } from "./l2-normalize.js";
import { reduce } from "./reduce.js";
import type { FeatureGraph } from "./text-feature.js";

const VECTORS = ["pooler_output", "image_embeds", "embedding"];
const STATES = ["last_hidden_state", "feature_map", "feature_maps"];

/**
 * Puts pooling and normalisation into an image encoder's graph. An export that ends in logits is cut before
 * its classifier, so that the feature comes out.
 * @param model - one input, `[batch, 3, height, width]` float32.
 * @param wanted - pooling null means the habit of the feature: mean of a feature map, first token of token states.
 * @throws {HeadstartError} `model` if no output is a feature and no classifier is found to cut before.
 */
export function imageFeature(
  model: Model,
  wanted: { pooling: Pooling | null; normalize: boolean },
): FeatureGraph {
  const found = featureOf(model);
  const opset = model.opsets[""] ?? 0;
  const graph = graphBuilder({ name: model.graph.name, base: cutGraph(model, [found.name]) });
  const values = asFloat32(graph, found.name, found.dtype);
  const pooling = found.rank <= 2 ? "none" : (wanted.pooling ?? (found.rank === 4 ? "mean" : "cls"));
  let embedding: string;
  if (found.rank === 4) {
    if (pooling !== "mean" && pooling !== "max") throw unfit(pooling, "a feature map", "mean or max");
    embedding = reduce(graph, pooling === "mean" ? "ReduceMean" : "ReduceMax", values, [2, 3], {
      keepDims: false,
      opset,
    });
  } else if (found.rank === 3) {
    if (pooling === "cls")
      embedding = graph.op("Gather", [values, graph.int64([0], [], "first")], { axis: { int: 1 } });
    else if (pooling === "mean")
      embedding = reduce(graph, "ReduceMean", values, [1], { keepDims: false, opset });
    else throw unfit(pooling, "token states", "cls or mean");
  } else {
    embedding = graph.op("Flatten", [values], { axis: { int: 1 } });
  }
  if (wanted.normalize) embedding = l2Normalize(graph, embedding, opset);
  graph.output(embedding, "headstart_embedding", "float32", ["batch", found.dim ?? "dim"]);
  return {
    model: graph.build(),
    layer: found.name,
    pooling,
    normalize: wanted.normalize,
    dim: found.dim,
    readsMask: true,
  };
}

function unfit(pooling: Pooling, what: string, choice: string): HeadstartError {
  return new HeadstartError("usage", `Pooling '${pooling}' does not fit ${what}`, {
    hint: `Use --pooling ${choice}.`,
  });
}

interface Found {
  readonly name: string;
  readonly rank: number;
  readonly dim: number | null;
  readonly dtype: DataType;
}

function featureOf(model: Model): Found {
  const { outputs } = model.graph;
  const named = (names: readonly string[]): ValueInfo | undefined =>
    outputs.find((output) => names.includes(output.name));
  const vector = named(VECTORS);
  if (vector !== undefined)
    return { name: vector.name, rank: 2, dim: sizeAt(vector, 1), dtype: vector.dtype };
  const states = named(STATES) ?? outputs.find((output) => output.shape?.length === 4);
  if (states?.shape) {
    return {
      name: states.name,
      rank: states.shape.length,
      dim: sizeAt(states, states.shape.length === 4 ? 1 : 2),
      dtype: states.dtype,
    };
  }
  const logits =
    outputs.find((output) => output.name === "logits") ?? (outputs.length === 1 ? outputs[0] : undefined);
  const before = logits && beforeClassifier(model, logits.name);
  if (before) return before;
  const listed = outputs.map((output) => `${output.name} [${output.shape?.join(", ") ?? "?"}]`).join("; ");
  throw new HeadstartError(
    "model",
    `No output of the graph is an image feature, nor is its classifier recognised: ${listed}`,
    {
      hint: "Export the model for feature-extraction (image-feature-extraction), so that it gives pooler_output.",
    },
  );
}

function sizeAt(info: ValueInfo, axis: number): number | null {
  const size = info.shape?.[axis];
  return typeof size === "number" ? size : null;
}

/** What the last linear layer reads: the input of the Gemm, or of MatMul (+ Add), that makes `logits`. */
function beforeClassifier(model: Model, logits: string): Found | undefined {
  const makers = new Map<string, Node>();
  for (const node of model.graph.nodes) for (const output of node.outputs) makers.set(output, node);
  const weights = new Map(model.graph.initializers.map((tensor) => [tensor.name, tensor]));
  let node = makers.get(logits);
  while (node && ["Softmax", "Identity", "Sigmoid"].includes(node.opType)) node = makers.get(node.inputs[0]!);
  if (node?.opType === "Add")
    node = node.inputs.map((name) => makers.get(name)).find((maker) => maker?.opType === "MatMul");
  if (node?.opType !== "Gemm" && node?.opType !== "MatMul") return undefined;
  const weight = weights.get(node.inputs[1]!);
  if (weight?.dims.length !== 2) return undefined;
  const transposed = node.attributes.transB;
  const columnsFirst = transposed?.type === "int" && Number(transposed.value) === 1;
  return { name: node.inputs[0]!, rank: 2, dim: weight.dims[columnsFirst ? 1 : 0]!, dtype: weight.dtype };
}
