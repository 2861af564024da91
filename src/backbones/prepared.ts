import type { Model } from "../onnx/model.js";
import type { Backbone } from "./backbone.js";
import type { BackboneOptions } from "./backbone-options.js";
import type { Checkpoint } from "./checkpoint.js";
import type { Family } from "./families.js";
import type { FeatureGraph } from "./graph/text-feature.js";

/** What a backbone is prepared from: `feature` turns its graph into one that ends in the vector. */
export interface Preparation {
  readonly checkpoint: Checkpoint;
  readonly options: BackboneOptions;
  /** The row of the checkpoint's family; null for an unknown one. */
  readonly family: Family | null;
  /**
   * Builds on the graph: the file's, cut down to the side that is used, to the layer asked for, or before its
   * classifier. Not asked for an embedded backbone, whose graph ends in the vector already.
   */
  readonly feature: (build: (model: Model) => FeatureGraph) => FeatureGraph;
}

/** What only the kind of content decides. */
export interface Prepared {
  readonly preprocessor: Backbone["preprocessor"];
  /** Goes into the fingerprint. */
  readonly preprocessing: Readonly<Record<string, unknown>>;
  /** Null for all but images. */
  readonly image: { readonly width: number; readonly height: number } | null;
  /** Of one prepared sound; null for waveforms, and absent for all but sounds. */
  readonly spectrogram?: readonly number[] | null;
  readonly padId: number;
  readonly feature: FeatureGraph;
  /** Null where neither the graph nor config.json says. */
  readonly dim: number | null;
}
