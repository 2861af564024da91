/** How frequencies are placed on the mel scale: Slaney's Auditory Toolbox, or Kaldi's. */
export type MelScale = "slaney" | "kaldi";

export interface MelSettings {
  /** Length of the Fourier transform. */
  readonly size: number;
  readonly filters: number;
  readonly lowest: number;
  readonly highest: number;
  /** Hz. */
  readonly sampleRate: number;
  readonly scale: MelScale;
}

/** A triangle over neighbouring frequencies; those around it count nothing. */
export interface MelFilter {
  readonly first: number;
  readonly weights: Float64Array;
}

/**
 * Triangular filters, evenly spaced on the mel scale, as `transformers.audio_utils.mel_filter_bank` makes them:
 * Slaney's are triangles over Hz of equal area, Kaldi's triangles over mels of equal height.
 */
export function melFilters(settings: MelSettings): readonly MelFilter[] {
  const { size, filters, lowest, highest, sampleRate, scale } = settings;
  const bins = Math.floor(size / 2) + 1;
  const [low, high] = [toMel(lowest, scale), toMel(highest, scale)];
  const edges = Array.from({ length: filters + 2 }, (_, i) => {
    const mel = low + ((high - low) * i) / (filters + 1);
    return scale === "slaney" ? fromSlaney(mel) : mel;
  });
  const frequencies = Array.from({ length: bins }, (_, i) =>
    scale === "slaney"
      ? (Math.floor(sampleRate / 2) * i) / (bins - 1)
      : toMel((sampleRate * i) / ((bins - 1) * 2), scale),
  );
  return Array.from({ length: filters }, (_, filter) => {
    const [left, center, right] = edges.slice(filter, filter + 3) as [number, number, number];
    const height = scale === "slaney" ? 2 / (right - left) : 1;
    const weights = frequencies.map(
      (at) => height * Math.max(0, Math.min((at - left) / (center - left), (right - at) / (right - center))),
    );
    const first = Math.max(
      0,
      weights.findIndex((weight) => weight > 0),
    );
    const end = weights.findLastIndex((weight) => weight > 0) + 1;
    return { first, weights: Float64Array.from(weights.slice(first, Math.max(first, end))) };
  });
}

const LOG_STEP = Math.log(6.4) / 27;

function toMel(hertz: number, scale: MelScale): number {
  if (scale === "kaldi") return 1127 * Math.log(1 + hertz / 700);
  return hertz < 1000 ? (3 * hertz) / 200 : 15 + Math.log(hertz / 1000) / LOG_STEP;
}

function fromSlaney(mel: number): number {
  return mel < 15 ? (200 * mel) / 3 : 1000 * Math.exp(LOG_STEP * (mel - 15));
}
