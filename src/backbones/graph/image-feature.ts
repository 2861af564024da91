import { HeadstartError } from "../../core/errors.js";
import { classifierInput } from "../../onnx/classifier-input.js";
import { cutGraph } from "../../onnx/cut-graph.js";
import { type GraphBuilder, graphBuilder, type TensorName } from "../../onnx/graph-builder.js";
import type { DataType, Model, ValueInfo } from "../../onnx/model.js";
import type { Pooling } from "../backbone.js";
import type { Habit } from "../families.js";
import type { ImageSize } from "../image/rgb-image.js";
import { asFloat32 } from "./as-float32.js";
import { hasChannelsLast } from "./channels-last.js";
import { l2Normalize } from "./l2-normalize.js";
import { poolPixels } from "./pool-pixels.js";
import type { FeatureGraph } from "./text-feature.js";

/** Outputs that are one vector an image by their names alone, the preferred first. */
const VECTORS = ["image_embeds", "embedding"];
/** Outputs that are vectors by their names, where they have that rank: of a model, or of layers that were asked for. */
const LIKE_A_VECTOR = /embed|feature|pooled|^headstart_layers$/i;
const STATES = ["last_hidden_state", "feature_map", "feature_maps"];
/** A distilled DeiT's logits are the mean of two classifiers; the first is that of the class token. */
const LOGITS = ["cls_logits", "logits"];

export interface ImageFeatureWanted {
  /** Null: the habit of the family, else the mean of a feature map and the first token of token states. */
  readonly pooling: Pooling | null;
  readonly normalize: boolean;
  /** How the family is used; null or absent for an unknown one. */
  readonly habit?: Habit | null;
  /** Of a prepared image; default: any square. */
  readonly image?: Pick<ImageSize, "width" | "height">;
}

const SQUARE = { width: 1, height: 1 };

/**
 * Puts pooling and normalisation into an image encoder's graph. The feature is an output that the family names as its
 * vector, else the states or the feature map, pooled; a pooling that is asked for prefers the states. An export that
 * ends in logits is cut before its classifier, so that the classifier's input comes out.
 * @param model - one input, `[batch, 3, height, width]` float32.
 * @throws {HeadstartError} `model` if no output is a feature and no classifier is found to cut before.
 */
export function imageFeature(model: Model, wanted: ImageFeatureWanted): FeatureGraph {
  const found = featureOf(model, wanted);
  const opset = model.opsets[""] ?? 0;
  const graph = graphBuilder({ name: model.graph.name, base: cutGraph(model, [found.name]) });
  const values = widened(graph, found);
  const pooled = poolPixels(graph, values, {
    ...found,
    opset,
    wanted: wanted.pooling,
    habit: wanted.habit ?? null,
  });
  const embedding = wanted.normalize ? l2Normalize(graph, pooled.vector, opset) : pooled.vector;
  graph.output(embedding, "headstart_embedding", "float32", ["batch", found.dim ?? "dim"]);
  return {
    model: graph.build(),
    layer: found.name,
    pooling: pooled.pooling,
    normalize: wanted.normalize,
    dim: found.dim,
    readsMask: true,
  };
}

interface Found {
  readonly name: string;
  /** 2: a vector an image (axes of length 1 may follow it); 3: states; 4: a feature map. */
  readonly rank: 2 | 3 | 4;
  readonly channelsLast: boolean;
  readonly dim: number | null;
  /** Null where the graph does not say. */
  readonly dtype: DataType | null;
}

function widened(graph: GraphBuilder, { name, dtype }: Found): TensorName {
  return dtype === null ? graph.op("Cast", [name], { to: { int: 1 } }) : asFloat32(graph, name, dtype);
}

function featureOf(model: Model, { pooling, habit, image = SQUARE }: ImageFeatureWanted): Found {
  const { outputs } = model.graph;
  const named = (names: readonly string[]): ValueInfo | undefined =>
    names
      .map((name) => outputs.find((output) => output.name === name))
      .find((output) => output !== undefined);
  const vector =
    named([...VECTORS, ...(habit?.features ?? ["pooler_output"])]) ??
    outputs.find(({ name, shape }) => shape?.length === 2 && LIKE_A_VECTOR.test(name));
  const states = named(STATES) ?? outputs.find((output) => output.shape?.length === 4);
  const pools = pooling !== null && pooling !== "none" && states !== undefined;
  if (vector !== undefined && !pools) return ofOutput(vector, 2);
  const rank = states?.shape?.length;
  if (states !== undefined && (rank === 3 || rank === 4)) return ofOutput(states, rank, image);
  const logits = named(LOGITS) ?? (outputs.length === 1 ? outputs[0] : undefined);
  const before = logits && beforeClassifier(model, logits);
  if (before) return before;
  // A family may not want this vector where there is anything else.
  const last = named(["pooler_output"]);
  if (last !== undefined) return ofOutput(last, 2);
  const listed = outputs.map((output) => `${output.name} [${output.shape?.join(", ") ?? "?"}]`).join("; ");
  throw new HeadstartError(
    "model",
    `No output of the graph is an image feature, nor is its classifier recognised: ${listed}`,
    {
      facts: { outputs: outputs.map(({ name, shape }) => ({ name, shape })) },
      hint: "Export the model for feature-extraction (image-feature-extraction), so that it gives pooler_output.",
    },
  );
}

function ofOutput({ name, shape, dtype }: ValueInfo, rank: 2 | 3 | 4, image = SQUARE): Found {
  const channelsLast = rank === 4 && shape !== null && hasChannelsLast(shape, image);
  const size = shape?.[channelsLast ? 3 : rank === 3 ? 2 : 1];
  return { name, rank, channelsLast, dim: typeof size === "number" ? size : null, dtype };
}

/** What the last linear layer reads, 1 x 1 convolutions included. */
function beforeClassifier(model: Model, logits: ValueInfo): Found | null {
  if (logits.shape !== null && logits.shape.length !== 2) return null;
  const input = classifierInput(model, logits.name);
  if (input === null) return null;
  const known = model.graph.valueInfos.find((info) => info.name === input.name);
  const { name, rank, dim } = input;
  return { name, rank: rank ?? 2, channelsLast: false, dim, dtype: known?.dtype ?? null };
}
