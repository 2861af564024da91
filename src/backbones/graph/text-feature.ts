import { HeadstartError } from "../../core/errors.js";
import { classifierInput } from "../../onnx/classifier-input.js";
import { cutGraph } from "../../onnx/cut-graph.js";
import { graphBuilder } from "../../onnx/graph-builder.js";
import type { DataType, Model, ValueInfo } from "../../onnx/model.js";
import type { Pooling } from "../backbone.js";
import type { Dense } from "../sentence-modules-dense.js";
import { asFloat32 } from "./as-float32.js";
import { addDense } from "./dense.js";
import { l2Normalize } from "./l2-normalize.js";
import { poolTokens } from "./pool-tokens.js";
import { supplyTextInputs } from "./supply-text-inputs.js";

/** A graph whose one output is `embedding` `[batch, dim]`, and how it came about. */
export interface FeatureGraph {
  readonly model: Model;
  /** The tensor of the original graph that was taken. */
  readonly layer: string;
  readonly pooling: Pooling;
  readonly normalize: boolean;
  /** Null where the graph does not say. */
  readonly dim: number | null;
  /** Whether the layer is told which tokens are padding (or has none); where it is not, padding may change a vector. */
  readonly readsMask: boolean;
}

/** What is to be made of a text encoder's graph. */
export interface WantedText {
  /**
   * Null where neither the user nor the checkpoint says: then a vector that the graph has pooled itself is taken first.
   * `none`: nothing but such a vector will do.
   */
  readonly pooling: Pooling | null;
  /** The pooling of token states where `pooling` is null; default `mean`. */
  readonly habit?: Pooling;
  readonly normalize: boolean;
  /** Outputs that are the family's vector, the preferred first; heeded where `pooling` is null. */
  readonly features?: readonly string[];
  /**
   * The token that padding is, in families whose positions count from behind its id and skip it; null (default) where
   * they count all tokens from 0.
   */
  readonly positionsAfter?: number | null;
  /** Tokens of a prompt at the beginning of each row that are not pooled; default 0. */
  readonly promptTokens?: number;
  /** Layers between pooling and normalisation. */
  readonly dense?: readonly Dense[];
}

const TOKEN_STATES = ["last_hidden_state", "token_embeddings", "hidden_states"];
const SENTENCE_VECTORS = ["sentence_embedding", "embedding", "text_embeds"];

/**
 * Puts pooling, Dense layers and normalisation into a text encoder's graph. The feature is chosen by its name and rank,
 * never by being the first output; a graph that gives logits only is cut before its last linear layer.
 * @param model - inputs as `supplyTextInputs` takes them, what leads to other outputs left out.
 * @throws {HeadstartError} `model` as `supplyTextInputs` does, or naming the outputs if none is a feature.
 */
export function textFeature(model: Model, wanted: WantedText): FeatureGraph {
  const feature = featureOf(model, wanted);
  const opset = model.opsets[""] ?? 0;
  const base = supplyTextInputs(cutGraph(model, [feature.name]), wanted.positionsAfter ?? null);
  const graph = graphBuilder({ name: model.graph.name, base });
  // Asked of what is left: a layer that does not read the mask loses it in the cut.
  const readsMask = base.graph.inputs.some((input) => input.name === "attention_mask");
  const mask = readsMask ? "attention_mask" : graph.input("attention_mask", "int64", ["batch", "tokens"]);
  const values = asFloat32(graph, feature.name, feature.dtype);
  const pooling = feature.rank === 2 ? "none" : (wanted.pooling ?? wanted.habit ?? "mean");
  let embedding =
    feature.rank === 2 ? values : poolTokens(graph, values, mask, pooling, opset, wanted.promptTokens);
  let { dim } = feature;
  // A vector that the graph has made of token states by itself has the modules behind it already.
  for (const layer of feature.whole ? [] : (wanted.dense ?? [])) {
    if (dim !== null && dim !== layer.weight.dims[1]) throw unfitDense(layer, dim);
    embedding = addDense(graph, embedding, layer);
    dim = layer.weight.dims[0]!;
  }
  if (wanted.normalize) embedding = l2Normalize(graph, embedding, opset);
  const name = embedding === "embedding" ? "embedding" : "headstart_embedding";
  graph.output(embedding, name, "float32", ["batch", dim ?? "dim"]);
  return { model: graph.build(), layer: feature.name, pooling, normalize: wanted.normalize, dim, readsMask };
}

interface Feature {
  readonly name: string;
  readonly rank: 2 | 3;
  readonly dim: number | null;
  readonly dtype: DataType;
  /** Whether it is the sentence's vector, modules of the checkpoint included. */
  readonly whole: boolean;
}

function featureOf(model: Model, { pooling, features = [] }: WantedText): Feature {
  const { outputs } = model.graph;
  const own = pooling === "none" ? [...features, ...SENTENCE_VECTORS] : [...features, "sentence_embedding"];
  const ownVector = pooling === null || pooling === "none" ? pick(outputs, own, 2) : undefined;
  if (ownVector) return taken(ownVector, 2);
  const states = pick(outputs, TOKEN_STATES, 3) ?? onlyOf(outputs, 3);
  if (states) return taken(states, 3);
  const vector = pick(outputs, [...SENTENCE_VECTORS, ...features], 2) ?? onlyOf(outputs, 2);
  if (vector) return taken(vector, 2);
  const logits = pick(outputs, ["logits"], 3) ?? pick(outputs, ["logits"], 2) ?? only(outputs);
  const read = logits && classifierInput(model, logits.name);
  if (logits && read) {
    const rank = logits.shape?.length === 3 ? 3 : 2;
    const dtype = logits.dtype === "float16" ? "float16" : "float32";
    return { name: read.name, dim: read.dim, dtype, rank, whole: false };
  }
  const pooled = pick(outputs, ["pooler_output"], 2);
  if (pooled) return taken(pooled, 2);
  const listed = outputs.map((output) => `${output.name} [${output.shape?.join(", ") ?? "?"}]`);
  throw new HeadstartError("model", `No output of the graph is a text feature: ${listed.join("; ")}`, {
    facts: { outputs: listed },
    hint: "Export the encoder for feature-extraction, so that it gives last_hidden_state.",
  });
}

function taken({ name, shape, dtype }: ValueInfo, rank: 2 | 3): Feature {
  const dim = shape?.at(-1);
  const whole = rank === 2 && name === "sentence_embedding";
  return { name, rank, dim: typeof dim === "number" ? dim : null, dtype, whole };
}

/** The output with one of the names, first name first, that has the rank (or says nothing of it). */
function pick(outputs: readonly ValueInfo[], names: readonly string[], rank: number): ValueInfo | undefined {
  for (const name of names) {
    const named = outputs.find((output) => output.name === name);
    if (named !== undefined && (named.shape === null || named.shape.length === rank)) return named;
  }
  return undefined;
}

/** The only output of a rank that is a feature by its name. */
const onlyOf = (outputs: readonly ValueInfo[], rank: number): ValueInfo | undefined =>
  only(
    outputs.filter(
      ({ name, shape }) =>
        shape?.length === rank && !/logits|score|prob|^past|^present/i.test(name) && name !== "pooler_output",
    ),
  );

const only = <T>(list: readonly T[]): T | undefined => (list.length === 1 ? list[0] : undefined);

function unfitDense({ weight }: Dense, dim: number): HeadstartError {
  return new HeadstartError(
    "model",
    `A Dense module takes vectors of ${weight.dims[1]} numbers, the backbone gives ${dim}`,
    {
      facts: { takes: weight.dims[1], dim },
      hint: "Take the modules and the graph from the same checkpoint.",
    },
  );
}
