import type { Matrix } from "../../linalg/matrix.js";
import type { FitControl } from "../classifier.js";
import { fitL2Scaler } from "./l2-scaler.js";
import { fitMinMaxScaler } from "./min-max-scaler.js";
import { fitPca } from "./pca.js";
import type { PcaOptions } from "./pca-options.js";
import { fitStandardScaler } from "./standard-scaler.js";
import type { FittedTransform } from "./transform.js";

/** How features are scaled: each feature (`standard`, `minmax`), each row (`l2`), or not. */
export type Scale = "standard" | "minmax" | "l2" | "none";

/** Transforms in the order in which they are applied, and what they make of the rows that they were fitted to. */
export interface FittedTransforms {
  readonly transforms: readonly FittedTransform[];
  readonly features: Matrix<Float32Array>;
}

/**
 * Fits the scaling, and the projection to what was scaled.
 * @param X - `[n, dim]`, finite; n at least 1.
 */
export async function fitTransforms(
  { scale, pca, seed }: { readonly scale: Scale; readonly pca: PcaOptions | null; readonly seed: number },
  X: Matrix<Float32Array>,
  control: FitControl,
): Promise<FittedTransforms> {
  const transforms: FittedTransform[] = [];
  let features = X;
  const apply = (transform: FittedTransform): void => {
    transforms.push(transform);
    features = transform.transform(features);
  };
  if (scale === "standard") apply(fitStandardScaler(features));
  if (scale === "minmax") apply(fitMinMaxScaler(features));
  if (scale === "l2") apply(fitL2Scaler(features.cols));
  if (pca !== null) apply(await fitPca(features, pca, seed, control));
  return { transforms: Object.freeze(transforms), features };
}
