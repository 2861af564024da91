/** Pillow's six resampling filters. */
export type ResampleFilterName = "nearest" | "lanczos" | "bilinear" | "bicubic" | "box" | "hamming";

/** Pillow's numbers for them, as `resample` in a preprocessor_config.json. */
export const RESAMPLE_FILTER_NAMES: readonly ResampleFilterName[] = [
  "nearest",
  "lanczos",
  "bilinear",
  "bicubic",
  "box",
  "hamming",
];

/** A filter's kernel and its reach to either side, in source pixels where nothing is shrunk. */
export interface ResampleFilter {
  readonly support: number;
  weight(x: number): number;
}

/** The kernels of every filter that weighs pixels; nearest only picks them. */
export const RESAMPLE_FILTERS: Readonly<Record<Exclude<ResampleFilterName, "nearest">, ResampleFilter>> = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: { support: 1, weight: hamming },
  bicubic: { support: 2, weight: bicubic },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

function sinc(x: number): number {
  if (x === 0) return 1;
  const angle = x * Math.PI;
  return Math.sin(angle) / angle;
}

/** Pillow keeps these two constants in single precision. */
const HAMMING_BASE = Math.fround(0.54);
const HAMMING_SWING = Math.fround(0.46);

function hamming(signed: number): number {
  const x = Math.abs(signed);
  if (x === 0) return 1;
  if (x >= 1) return 0;
  return sinc(x) * (HAMMING_BASE + HAMMING_SWING * Math.cos(x * Math.PI));
}

/** Keys' cubic with a = -0.5. */
function bicubic(signed: number): number {
  const a = -0.5;
  const x = Math.abs(signed);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}
