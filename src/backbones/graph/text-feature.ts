import { HeadstartError } from "../../core/errors.js";
import { cutGraph } from "../../onnx/cut-graph.js";
import { graphBuilder } from "../../onnx/graph-builder.js";
import type { Model, ValueInfo } from "../../onnx/model.js";
import type { Pooling } from "../backbone.js";
import { asFloat32 } from "./as-float32.js";
import { checkTextInputs } from "./check-inputs.js";
import { l2Normalize } from "./l2-normalize.js";
import { poolTokens } from "./pool-tokens.js";

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

const TOKEN_STATES = ["last_hidden_state", "token_embeddings", "hidden_states"];
const SENTENCE_VECTORS = ["sentence_embedding", "embedding", "text_embeds"];

/**
 * Puts pooling and normalisation into a text encoder's graph. The feature is chosen by its name and rank,
 * never by being the first output.
 * @param model - inputs among `input_ids`, `attention_mask`, `token_type_ids`, each `[batch, tokens]` int64.
 * @throws {HeadstartError} `model` as `checkTextInputs` does, or naming the outputs if none is a feature.
 */
export function textFeature(model: Model, wanted: { pooling: Pooling; normalize: boolean }): FeatureGraph {
  checkTextInputs(model);
  const states = pick(model.graph.outputs, TOKEN_STATES, 3);
  const vector = pick(model.graph.outputs, SENTENCE_VECTORS, 2);
  const opset = model.opsets[""] ?? 0;
  const feature = states ?? vector;
  if (feature === undefined) {
    const listed = model.graph.outputs.map((output) => `${output.name} [${output.shape?.join(", ") ?? "?"}]`);
    throw new HeadstartError("model", `No output of the graph is a text feature: ${listed.join("; ")}`, {
      hint: "Export the encoder for feature-extraction, so that it gives last_hidden_state.",
    });
  }
  const pooling = states === undefined ? "none" : wanted.pooling;
  const base = cutGraph(model, [feature.name]);
  const graph = graphBuilder({ name: model.graph.name, base });
  // Asked of what is left: a layer that does not read the mask loses it in the cut.
  const hasMask = base.graph.inputs.some((input) => input.name === "attention_mask");
  const mask = hasMask ? "attention_mask" : graph.input("attention_mask", "int64", ["batch", "tokens"]);
  const values = asFloat32(graph, feature.name, feature.dtype);
  let embedding = states === undefined ? values : poolTokens(graph, values, mask, pooling, opset);
  if (wanted.normalize) embedding = l2Normalize(graph, embedding, opset);
  const dim = feature.shape?.at(-1);
  const known = typeof dim === "number" ? dim : null;
  graph.output(embedding, embedding === "embedding" ? "embedding" : "headstart_embedding", "float32", [
    "batch",
    known ?? "dim",
  ]);
  return {
    model: graph.build(),
    layer: feature.name,
    pooling,
    normalize: wanted.normalize,
    dim: known,
    readsMask: hasMask,
  };
}

/** The output with one of the names (first name first), else the only one of that rank that is no logits. */
function pick(outputs: readonly ValueInfo[], names: readonly string[], rank: number): ValueInfo | undefined {
  for (const name of names) {
    const named = outputs.find(
      (output) => output.name === name && (output.shape === null || output.shape.length === rank),
    );
    if (named !== undefined) return named;
  }
  const fitting = outputs.filter(
    (output) =>
      output.shape?.length === rank &&
      !/logits|score|prob/i.test(output.name) &&
      output.name !== "pooler_output",
  );
  return fitting.length === 1 ? fitting[0] : undefined;
}
