import { HeadstartError } from "../core/errors.js";
import { checkShape, type Matrix } from "../linalg/matrix.js";
import { checkFinite } from "./check-training-data.js";
import type { Classifier, FitControl } from "./classifier.js";
import type { HeadRecipe } from "./head.js";
import { headEntry } from "./registry.js";
import { fitTransforms, type Scale } from "./transforms/fit-transforms.js";
import { type PcaOptions, parsePca } from "./transforms/pca-options.js";
import type { FittedTransform } from "./transforms/transform.js";

/** What a head sees of its training rows, and how others are made alike. */
export interface FittedFeatures {
  /** What was asked for, `auto` resolved. */
  readonly scale: Scale;
  readonly pca: PcaOptions | null;
  readonly transforms: readonly FittedTransform[];
  /** Of the training rows. */
  readonly features: Matrix<Float32Array>;
  /** @throws {ShapeError} for another number of columns. @throws {HeadstartError} `data` for NaN or infinity. */
  prepare(X: Matrix): Matrix<Float32Array>;
}

/**
 * Fits what a recipe does to features before its classifier sees them; labels play no part in it.
 * @param X - `[n, dim]`, n and dim at least 1; rounded to float32 first.
 * @throws {HeadstartError} `usage` for a precomputed kernel that is to be scaled or projected; `data` for NaN or infinity
 *   where it transforms. What it leaves alone, the classifier's own fit looks through.
 */
export async function fitFeatures(
  { name, scale: wanted = "auto", pca: projection, seed = 0 }: HeadRecipe,
  { scaling }: Pick<Classifier, "scaling">,
  X: Matrix,
  control: FitControl,
): Promise<FittedFeatures> {
  const pca = projection === undefined ? null : parsePca(projection);
  if (scaling === "none" && ((wanted !== "auto" && wanted !== "none") || pca !== null)) {
    throw new HeadstartError("usage", "A precomputed kernel cannot be scaled or projected", {
      facts: { head: name, scale: wanted, pca },
      hint: "Leave scale and pca out, and transform the features before the kernel is computed.",
    });
  }
  const scale = wanted === "auto" ? (scaling ?? headEntry(name).scaling) : wanted;
  if (scale !== "none" || pca !== null) checkFinite("X", X);
  const { transforms, features } = await fitTransforms({ scale, pca, seed }, toFloat32(X), control);
  return {
    scale,
    pca,
    transforms,
    features,
    prepare(Q) {
      checkShape("X", Q, "*", X.cols);
      checkFinite("X", Q);
      return transforms.reduce((from, transform) => transform.transform(from), toFloat32(Q));
    },
  };
}

function toFloat32(X: Matrix): Matrix<Float32Array> {
  if (X.data instanceof Float32Array) return { data: X.data, rows: X.rows, cols: X.cols };
  return { data: Float32Array.from(X.data), rows: X.rows, cols: X.cols };
}
