import type { BackboneSpec, Modality } from "../../backbones/backbone.js";
import { canonicalJson, sha256 } from "../../core/hash.js";

/** What is recorded of vectors that no backbone of ours made. */
export interface ForeignOrigin {
  readonly spec: BackboneSpec;
  readonly fingerprint: string;
}

/**
 * The record of vectors that came from elsewhere. Vectors of one origin and dimension have one fingerprint, so that a
 * head trained on some can be used on others; of those whose origin nobody named, only the dimension is compared.
 * @param origin - what made them, in the user's words; null where nobody says.
 */
export function unknownBackbone(origin: string | null, dim: number, modality: Modality): ForeignOrigin {
  return {
    spec: {
      id: origin ?? "unknown",
      revision: null,
      weightsDigest: "unknown",
      modality,
      dim,
      layer: "unknown",
      pooling: "none",
      normalize: false,
      precision: "fp32",
      preprocessing: { imported: true },
    },
    fingerprint: sha256(canonicalJson({ imported: true, origin, dim, modality })),
  };
}

/** Whether a record is of vectors that came from elsewhere. */
export function isForeign(spec: object): boolean {
  const { preprocessing } = spec as { preprocessing?: { imported?: unknown } };
  return preprocessing?.imported === true;
}
