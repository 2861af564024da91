import { canonicalJson, sha256 } from "../core/hash.js";
import type { BackboneSpec } from "./backbone.js";

/**
 * Digest of exactly what changes a vector: weights, layer, pooling, normalisation, precision and preprocessing.
 * A backbone's name, folder and revision do not count, nor does anything about speed.
 */
export function fingerprintOf(spec: BackboneSpec): string {
  const { weightsDigest, modality, dim, layer, pooling, normalize, precision, preprocessing } = spec;
  return sha256(
    canonicalJson({ weightsDigest, modality, dim, layer, pooling, normalize, precision, preprocessing }),
  );
}
