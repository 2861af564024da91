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
  /** Distinct contents whose vector the store knew. */
  known: number;
  /** How often a batch did not fit into the device's memory and was cut in half. */
  halvings: number;
}

/** Nothing yet. */
export function noCounts(): EncodeCounts {
  return { batches: 0, encoded: 0, size: 0, padded: 0, duplicates: 0, known: 0, halvings: 0 };
}
