import { HeadstartError } from "../../core/errors.js";
import { cutGraph } from "../../onnx/cut-graph.js";
import type { Model } from "../../onnx/model.js";
import type { Modality } from "../backbone.js";

/** Inputs that carry the content itself; others (masks, positions) go with one of them. */
const CONTENT: Readonly<Record<string, Modality>> = {
  input_ids: "text",
  pixel_values: "image",
  input_values: "audio",
  input_features: "audio",
};

/**
 * The part of a graph that reads one kind of content: CLIP's text or vision side, alone. A graph that reads one kind
 * only is left as it is.
 * @throws {HeadstartError} `model` if no output follows from that content alone.
 */
export function takeSide(model: Model, modality: Modality): Model {
  const { inputs, outputs } = model.graph;
  const others = inputs.filter(({ name }) => (CONTENT[name] ?? modality) !== modality);
  if (others.length === 0) return model;
  const refused = new Set(others.map(({ name }) => name));
  const alone = outputs.filter(({ name }) =>
    cutGraph(model, [name]).graph.inputs.every((input) => !refused.has(input.name)),
  );
  if (alone.length > 0) {
    return cutGraph(
      model,
      alone.map(({ name }) => name),
    );
  }
  const names = others.map(({ name }) => `'${name}'`).join(", ");
  throw new HeadstartError("model", `Every output of the graph needs ${names} beside its ${modality} input`, {
    facts: { modality, inputs: inputs.map(({ name }) => name), outputs: outputs.map(({ name }) => name) },
    hint: `Export the ${modality} side alone (${modality === "image" ? "vision" : modality}_model.onnx).`,
  });
}
