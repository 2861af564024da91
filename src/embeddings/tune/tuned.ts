/** How batches are made and shared out. */
export interface TuneSetting {
  /** Most of a batch: tokens of texts, padding included, or images. */
  readonly batch: number;
  readonly sessions: number;
  /** Of each session. */
  readonly threads: number;
}

/** What a calibration measured, and what it chose. */
export interface Tuned {
  readonly chosen: TuneSetting;
  /** How many times as fast as the default it was; 1 where the default stays. */
  readonly speedup: number;
  /** What was tried, the default first: medians, of encoding alone. */
  readonly candidates: readonly (TuneSetting & { readonly rowsPerSecond: number })[];
  /** What the calibration took, opening sessions included. */
  readonly seconds: number;
}

/** When a calibration is made, and what it may cost. */
export interface TuneLimits {
  /** Rows below which a run is not calibrated. Default 4,000 texts, 400 images. */
  readonly rows: number;
  /** Seconds that every run may spend. Default 3. */
  readonly least: number;
  /** Seconds that no run may pass. Default 10. */
  readonly most: number;
  /** Between these two: this share of the run's estimated time. Default 0.01. */
  readonly share: number;
  /** The run must take at least so many times as long as its calibration. Default 20. */
  readonly pays: number;
}

/** The limits of texts and of images. */
export function tuneLimits(modality: "text" | "image", changed: Partial<TuneLimits> = {}): TuneLimits {
  const rows = { text: 4000, image: 400 }[modality];
  return { rows, least: 3, most: 10, share: 0.01, pays: 20, ...changed };
}
