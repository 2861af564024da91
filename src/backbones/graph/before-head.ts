import { blockOutputs } from "../../onnx/block-outputs.js";
import { classifierInput } from "../../onnx/classifier-input.js";
import { indexGraph, weightOf } from "../../onnx/graph-index.js";
import type { Model, ValueInfo } from "../../onnx/model.js";
import { normAfter } from "../../onnx/norm-after.js";
import type { Modality } from "../backbone.js";

/** Outputs that are features by their names: nothing is cut where there is one. */
const FEATURE = /hidden_state|embed|pooler_output|feature|^token_embeddings$|^states?$/i;
const SCORES = /logits|score|prob|label/i;

/**
 * A graph that gives nothing but a classifier's or a language model's scores, cut before that head. Of text what is
 * left are the states of the last block (and the normalisation behind it), as `last_hidden_state` has them: the
 * layers between them and the scores were trained for the labels. Of images it is the feature map that a 1 x 1
 * convolution reads as a classifier. Any other graph stays as it is.
 */
export function beforeHead(model: Model, { modality }: { readonly modality: Modality }): Model {
  const { outputs } = model.graph;
  if (outputs.some(({ name }) => FEATURE.test(name))) return model;
  const scores = outputs.find(({ name }) => SCORES.test(name));
  if (modality === "image") {
    const logits = scores ?? (outputs.length === 1 ? outputs[0] : undefined);
    const input = logits && logits.shape?.length !== 4 ? classifierInput(model, logits.name) : null;
    return input?.rank === 4 ? exposing(model, input.name, ["batch", input.dim, "height", "width"]) : model;
  }
  if (scores === undefined) return model;
  const states = lastStates(model);
  return states === null ? model : exposing(model, states.name, ["batch", "tokens", states.dim ?? "dim"]);
}

/** What `last_hidden_state` would be; null where no blocks are found. */
function lastStates(model: Model): { readonly name: string; readonly dim: number | null } | null {
  const index = indexGraph(model);
  const block = blockOutputs(model).at(-1)?.output;
  if (block === undefined) return null;
  const name = normAfter(index, block) ?? block;
  const sizes = index.maker.get(name)?.inputs.map((input) => weightOf(index, input)?.dims) ?? [];
  const dim = sizes.find((dims) => dims?.length === 1)?.[0] ?? null;
  return { name, dim };
}

function exposing(model: Model, name: string, shape: ValueInfo["shape"]): Model {
  const known = model.graph.valueInfos.find((info) => info.name === name);
  const output: ValueInfo = { name, dtype: known?.dtype ?? floatOf(model), shape };
  return { ...model, graph: { ...model.graph, outputs: [output] } };
}

/** The type that a graph computes in: that of its scores. */
function floatOf(model: Model): ValueInfo["dtype"] {
  const types = model.graph.outputs.map(({ dtype }) => dtype);
  return types.find((dtype) => dtype === "float16" || dtype === "float32") ?? "float32";
}
