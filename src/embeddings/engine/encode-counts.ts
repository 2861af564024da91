import type { Modality } from "../../backbones/backbone.js";
import type { EncodingProgress } from "../../core/progress.js";

/** What went through the session, counted up as it goes. */
export interface EncodeCounts {
  batches: number;
  /** Distinct contents that were encoded. */
  encoded: number;
  /** Tokens of texts, samples (or values) of sounds, values of images. */
  size: number;
  /** The same with padding. */
  padded: number;
  /** Rows whose content occurred before in their window. */
  duplicates: number;
  /** How often a batch did not fit into the device's memory and was cut in half. */
  halvings: number;
  /** The budget of a batch after that; null where it is the one that was set. */
  budget: number | null;
}

/** Nothing yet. */
export function noCounts(): EncodeCounts {
  return { batches: 0, encoded: 0, size: 0, padded: 0, duplicates: 0, halvings: 0, budget: null };
}

/** The same for those who watch. */
export function encodingProgress(
  modality: Modality,
  { size, padded }: EncodeCounts,
  rejects: number,
): EncodingProgress {
  return {
    ...(modality === "text" && { tokens: size }),
    paddingShare: padded === 0 ? 0 : 1 - size / padded,
    rejects,
  };
}
