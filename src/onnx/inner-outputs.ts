import { cutGraph } from "./cut-graph.js";
import type { Model } from "./model.js";

/**
 * The part of a model that makes the tensors named, as its outputs. No type is declared for them, so that the runtime
 * infers it.
 * @throws {HeadstartError} `model` as `cutGraph` does.
 */
export function innerOutputs(model: Model, names: readonly string[]): Model {
  const cut = cutGraph(model, names);
  const outputs = names.map((name) => ({
    name,
    dtype: "undefined" as const,
    shape: null,
    otherType: new Uint8Array(0),
  }));
  return { ...cut, graph: { ...cut.graph, outputs, valueInfos: [] } };
}
