import { HeadstartError } from "../../core/errors.js";
import type { Model } from "../../onnx/model.js";
import type { Layer, Pooling } from "../backbone.js";
import type { Manifest } from "../manifest.js";
import { imageFeature } from "./image-feature.js";
import type { FeatureGraph } from "./text-feature.js";

/** An embedded backbone's graph already ends in its embedding; only normalisation can be added to it. */
export function embeddedFeature(
  manifest: Manifest,
  model: Model,
  options: { readonly pooling?: Pooling; readonly normalize?: boolean; readonly layer?: Layer },
): FeatureGraph {
  const { id, pooling, layer, dim } = manifest;
  const normalize = options.normalize ?? manifest.normalize;
  if (options.pooling !== undefined && options.pooling !== pooling) {
    throw new HeadstartError(
      "usage",
      `'${id}' is pooled by '${pooling}' inside its graph; '${options.pooling}' cannot be had`,
      {
        hint: "Leave --pooling out for the embedded backbones.",
      },
    );
  }
  if (manifest.normalize && !normalize) {
    throw new HeadstartError("usage", `'${id}' always normalises its vectors`, {
      hint: "Leave --no-normalize out.",
    });
  }
  const wanted =
    normalize === manifest.normalize ? model : imageFeature(model, { pooling: null, normalize }).model;
  return { model: wanted, pooling, normalize, layer, dim, readsMask: true };
}
