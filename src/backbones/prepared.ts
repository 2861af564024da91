import type { Model } from "../onnx/model.js";
import type { Backbone } from "./backbone.js";
import type { Checkpoint } from "./checkpoint.js";
import type { Family } from "./families.js";
import type { FeatureGraph } from "./graph/text-feature.js";
import type { BackboneOptions } from "./resolve-backbone.js";

/** What a backbone is prepared from: `feature` turns its graph into one that ends in the vector. */
export interface Preparation {
  readonly checkpoint: Checkpoint;
  readonly options: BackboneOptions;
  /** The row of the checkpoint's family; null for an unknown one. */
  readonly family: Family | null;
  /** Builds on the file's graph, unless it ends in the vector already or `layer` says where to cut. */
  readonly feature: (build: (model: Model) => FeatureGraph) => PreparedFeature;
}

/** A feature graph; `model` null where the file's own graph is run as it is. */
export type PreparedFeature = Omit<FeatureGraph, "model"> & { readonly model: Model | null };

/** What only the kind of content decides. */
export interface Prepared {
  readonly preprocessor: Backbone["preprocessor"];
  /** Goes into the fingerprint. */
  readonly preprocessing: Readonly<Record<string, unknown>>;
  /** Null for all but images. */
  readonly image: { readonly width: number; readonly height: number } | null;
  readonly padId: number;
  readonly feature: PreparedFeature;
  /** Null where neither the graph nor config.json says. */
  readonly dim: number | null;
}
