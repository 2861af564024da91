import { HeadstartError } from "../../core/errors.js";
import { decodeModel } from "../../onnx/decode-model.js";
import type { Model } from "../../onnx/model.js";
import type { Pooling } from "../backbone.js";
import type { Manifest } from "../manifest.js";
import { imageFeature } from "./image-feature.js";
import type { FeatureGraph } from "./text-feature.js";

/** An embedded backbone's graph already ends in its embedding; only normalisation can be added to it. */
export function embeddedFeature(
  manifest: Manifest,
  bytes: Uint8Array,
  options: { readonly pooling?: Pooling; readonly normalize?: boolean },
): Omit<FeatureGraph, "model"> & { model: Model | null } {
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
  const model =
    normalize === manifest.normalize
      ? null
      : imageFeature(decodeModel(bytes), { pooling: null, normalize }).model;
  return { model, pooling, normalize, layer, dim, readsMask: true };
}
