import { type ResampleKernel, resampleKernel } from "./resample-kernel.js";

/**
 * Resamples a waveform as `torchaudio.functional.resample` does with its defaults: convolution with a sinc of
 * 6 zero crossings at 0.99 of the lower Nyquist frequency, in a Hann window; zeros before and after the sound.
 * Deterministic; sums are taken in float64. A sound of the wanted rate is returned as it is.
 * @returns `ceil(samples * to / from)` samples.
 */
export function resample(samples: Float32Array, from: number, to: number): Float32Array {
  if (from === to) return samples;
  const { phases, stride, taps, offsets, weights } = kernelOf(from, to);
  const length = Math.ceil((samples.length * phases) / stride);
  const out = new Float32Array(length);
  let start = 0;
  let phase = 0;
  for (let i = 0; i < length; i++) {
    const first = start + offsets[phase]!;
    const base = phase * taps;
    const begin = Math.max(0, -first);
    const end = Math.min(taps, samples.length - first);
    let sum = 0;
    for (let tap = begin; tap < end; tap++) sum += samples[first + tap]! * weights[base + tap]!;
    out[i] = sum;
    if (++phase === phases) {
      phase = 0;
      start += stride;
    }
  }
  return out;
}

/** The kernels of the last rates: the sounds of a folder mostly share one. */
const recent = new Map<string, ResampleKernel>();
const KEPT = 4;

function kernelOf(from: number, to: number): ResampleKernel {
  const key = `${from}:${to}`;
  const kernel = recent.get(key) ?? resampleKernel(from, to);
  recent.delete(key);
  recent.set(key, kernel);
  if (recent.size > KEPT) recent.delete(recent.keys().next().value!);
  return kernel;
}
