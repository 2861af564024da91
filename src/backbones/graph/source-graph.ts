import type { Model } from "../../onnx/model.js";
import type { GraphFile } from "../../onnx/open-graph-file.js";
import type { Layer, Modality } from "../backbone.js";
import type { Checkpoint } from "../checkpoint.js";
import type { Family } from "../families.js";
import { probeSize } from "../probe-size.js";
import { beforeHead } from "./before-head.js";
import { channelsFirst } from "./channels-first.js";
import { takeSide } from "./take-side.js";
import { type SourceGraph, tapLayers } from "./tap-layers.js";
import type { FeatureGraph } from "./text-feature.js";
import { widenInputs } from "./widen-inputs.js";

export interface SourceWanted {
  readonly modality: Modality;
  readonly family: Family | null;
  readonly layer?: Layer;
  readonly checkpoint: Checkpoint;
  readonly pooling?: FeatureGraph["pooling"];
}

/**
 * The graph that a feature is taken from: `sideGraph`, cut at `layer` where one is asked for, and before its head where
 * it gives nothing else than logits.
 * @throws {HeadstartError} `model` or `usage` as `takeSide` and `tapLayers` do.
 */
export async function sourceGraph(file: GraphFile, wanted: SourceWanted): Promise<SourceGraph> {
  const side = sideGraph(file.model, wanted.modality);
  if (wanted.layer !== undefined) {
    const { layer, modality, family, pooling, checkpoint } = wanted;
    return tapLayers(side, file, { layer, modality, family, pooling, size: await probeSize(checkpoint, 2) });
  }
  return { model: beforeHead(side, wanted), recorded: {} };
}

/**
 * The side of a graph that reads `modality`, float32 at its inputs, the channels of images first.
 * @throws {HeadstartError} `model` as `takeSide` does.
 */
export function sideGraph(model: Model, modality: Modality): Model {
  const side = widenInputs(takeSide(model, modality));
  return modality === "image" ? channelsFirst(side) : side;
}
