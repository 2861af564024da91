import type { Model } from "../../onnx/model.js";
import type { GraphFile } from "../../onnx/open-graph-file.js";
import type { Layer, Modality } from "../backbone.js";
import type { Checkpoint } from "../checkpoint.js";
import type { Family } from "../families.js";
import { beforeHead } from "./before-head.js";
import type { ProbeSize } from "./probe-feeds.js";
import { takeSide } from "./take-side.js";
import { tapLayers } from "./tap-layers.js";
import type { FeatureGraph } from "./text-feature.js";
import { widenInputs } from "./widen-inputs.js";

/** A graph to look for the feature in, and what is recorded of it in place of what its outputs are called. */
export interface SourceGraph {
  readonly model: Model;
  readonly recorded: Partial<Pick<FeatureGraph, "layer" | "pooling">>;
}

export interface SourceWanted {
  readonly modality: Modality;
  readonly family: Family | null;
  readonly layer?: Layer;
  readonly checkpoint: Checkpoint;
  readonly pooling?: FeatureGraph["pooling"];
}

/**
 * The graph that a feature is taken from: the side of `modality`, float32 at its inputs, cut at `layer` where one is
 * asked for, and before its head where it gives nothing else than logits.
 * @throws {HeadstartError} `model` or `usage` as `takeSide` and `tapLayers` do.
 */
export async function sourceGraph(file: GraphFile, wanted: SourceWanted): Promise<SourceGraph> {
  const side = widenInputs(takeSide(file.model, wanted.modality));
  if (wanted.layer !== undefined) {
    const { layer, modality, family, pooling, checkpoint } = wanted;
    return tapLayers(side, file, { layer, modality, family, pooling, size: probeSize(checkpoint, 2) });
  }
  return { model: beforeHead(side, wanted), recorded: {} };
}

/** Sizes that a checkpoint's graph surely runs on. */
export function probeSize(checkpoint: Checkpoint, batch: number): ProbeSize {
  const { config, preprocessor, modality } = checkpoint;
  const sides = [preprocessor?.crop_size, preprocessor?.size, config.image_size].map(sideOf);
  // A second of sound; a number of tokens that is no other size of the network.
  const length = modality === "audio" ? 16_000 : 5;
  return { batch, length, side: sides.find((side) => side !== null) ?? 224 };
}

function sideOf(size: unknown): number | null {
  if (typeof size === "number") return size;
  if (Array.isArray(size)) return sideOf(size.at(-1));
  if (size === null || typeof size !== "object") return null;
  const { height, width, shortest_edge: edge } = size as Record<string, unknown>;
  return [height, width, edge].find((side) => typeof side === "number") ?? null;
}
