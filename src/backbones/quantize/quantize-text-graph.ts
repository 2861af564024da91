import { HeadstartError } from "../../core/errors.js";
import { throwIfInterrupted } from "../../core/interrupted.js";
import { decodeModel } from "../../onnx/decode-model.js";
import { gatherWeights, WHOLE_BYTES } from "../../onnx/gather-weights.js";
import { linearLayers } from "../../onnx/linear-layers.js";
import type { Model } from "../../onnx/model.js";
import type { GraphFile } from "../../onnx/open-graph-file.js";
import type { Backbone } from "../backbone.js";
import { chooseMigration } from "./choose-migration.js";
import { int8Graph } from "./int8-graph.js";
import { layerWeight } from "./layer-weight.js";
import { type ObserveOptions, observeInputs } from "./observe-inputs.js";

/** Bits of a weight: 7 come out the same on every processor, 8 are a little closer to fp32. */
export type WeightBits = 7 | 8;

export interface QuantizedGraph {
  readonly model: Model;
  readonly layers: {
    /** Linear layers that multiply whole numbers now. */
    readonly quantized: number;
    /** Tensors that they read whose outliers were moved into the weights. */
    readonly migrated: number;
  };
}

/** The oldest operator set whose operators take what is built. */
const OLDEST_OPSET = 11;

/**
 * The int8 form of a text encoder's graph, its inputs and outputs those of the file.
 * @param texts - token ids that the outliers are looked for in.
 * @throws {HeadstartError} `model` if the graph is too large or too old, or has no linear layer that can be rounded;
 *   `interrupted`.
 */
export async function quantizeTextGraph(
  backbone: Backbone,
  file: GraphFile,
  texts: readonly Int32Array[],
  options: ObserveOptions & { readonly weightBits: WeightBits },
): Promise<QuantizedGraph> {
  const { id } = backbone.spec;
  const source = await weightsInMemory(file, id);
  const opset = source.opsets[""] ?? 0;
  if (opset < OLDEST_OPSET) {
    throw new HeadstartError(
      "model",
      `'${id}' is of operator set ${opset}; quantising needs ${OLDEST_OPSET} or newer`,
      {
        facts: { id, opset },
        hint: "Export it again with --opset 17.",
      },
    );
  }
  const graph = await backbone.graph();
  const candidates = linearLayers(source);
  const inputs = await observeInputs(
    graph,
    candidates.map(({ input }) => input),
    texts,
    options,
  );
  // What the vector does not need (a classifier's last layer) was not seen, and stays.
  const layers = candidates.filter(({ input }) => inputs.has(input));
  if (layers.length === 0) {
    throw new HeadstartError(
      "model",
      `'${id}' has no linear layer with constant float32 weights: nothing to quantise`,
      {
        facts: { id, operators: [...new Set(source.graph.nodes.map(({ opType }) => opType))].slice(0, 50) },
        hint: "MatMul and Gemm are rounded; an export whose weights are transposed while it runs has neither.",
      },
    );
  }
  const limit = options.weightBits === 7 ? 63 : 127;
  const migrations = new Map<string, Float32Array>();
  for (const [name, seen] of inputs) {
    throwIfInterrupted(options.signal);
    const weights = layers.filter(({ input }) => input === name).map(layerWeight);
    const factors = await chooseMigration(seen, weights, limit);
    if (factors !== null) migrations.set(name, factors);
  }
  return {
    model: int8Graph(source, { layers, migrations, limit }),
    layers: { quantized: layers.length, migrated: migrations.size },
  };
}

async function weightsInMemory(file: GraphFile, id: string): Promise<Model> {
  if (file.size >= WHOLE_BYTES) {
    throw new HeadstartError(
      "model",
      `'${id}' has ${(file.size / 1e9).toFixed(1)} GB of weights: too large to quantise`,
      {
        facts: { id, bytes: file.size, most: WHOLE_BYTES },
        hint: "Take a smaller backbone, or an int8 export of this one.",
      },
    );
  }
  await file.check();
  const { bytes } = await gatherWeights(file.model, file.folder, "");
  return decodeModel(bytes);
}
