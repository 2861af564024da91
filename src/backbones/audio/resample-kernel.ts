/** Zero crossings of the sinc on each side. */
const CROSSINGS = 6;
/** Share of the lower Nyquist frequency that passes. */
const ROLLOFF = 0.99;

/** The windowed sinc, sampled once for each place that an output sample can have between two input samples. */
export interface ResampleKernel {
  /** Output samples after which the places repeat. */
  readonly phases: number;
  /** Input samples in the same time. */
  readonly stride: number;
  /** Weights of a phase. */
  readonly taps: number;
  /** For each phase, its first input sample, counted from the beginning of the period. */
  readonly offsets: Int32Array;
  /** `[phases, taps]`, float32 as torchaudio keeps them. */
  readonly weights: Float32Array;
}

/** The kernel of `torchaudio.functional.resample` (sinc_interp_hann, width 6, rolloff 0.99) without its zeros. */
export function resampleKernel(from: number, to: number): ResampleKernel {
  const shared = greatestCommonDivisor(from, to);
  const stride = from / shared;
  const phases = to / shared;
  const base = Math.min(stride, phases) * ROLLOFF;
  const reach = (CROSSINGS * stride) / base;
  const taps = Math.floor(2 * reach) + 1;
  const offsets = new Int32Array(phases);
  const weights = new Float32Array(phases * taps);
  for (let phase = 0; phase < phases; phase++) {
    const center = (phase * stride) / phases;
    const first = Math.ceil(center - reach);
    offsets[phase] = first;
    for (let tap = 0; tap < taps; tap++) {
      const time = ((first + tap - center) / stride) * base;
      weights[phase * taps + tap] = Math.abs(time) >= CROSSINGS ? 0 : windowedSinc(time) * (base / stride);
    }
  }
  return { phases, stride, taps, offsets, weights };
}

function windowedSinc(time: number): number {
  const window = Math.cos((time * Math.PI) / CROSSINGS / 2) ** 2;
  return time === 0 ? window : (window * Math.sin(Math.PI * time)) / (Math.PI * time);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
