import { melSpectrogram } from "./mel-spectrogram.js";

export interface AstSettings {
  /** Hz. */
  readonly sampleRate: number;
  readonly mels: number;
  /** Frames of 25 ms, 10 ms apart; of a longer sound the first ones, after a shorter one zeros. */
  readonly frames: number;
  /** Subtracted from each value; `scale` divides it then. */
  readonly mean: number;
  readonly scale: number;
}

/** Samples that `frames` frames reach over. */
export function astSamples({ sampleRate, frames }: AstSettings): number {
  return frameLength(sampleRate) + (frames - 1) * frameHop(sampleRate);
}

/** Samples of one frame. */
export const frameLength = (sampleRate: number): number => Math.floor(sampleRate * 0.025);
const frameHop = (sampleRate: number): number => Math.floor(sampleRate * 0.01);

/**
 * The filter-bank features of transformers' `ASTFeatureExtractor`, which are Kaldi's: frames inside the sound
 * only, their mean removed, 0.97 of the sample before subtracted, Hann windows, natural logarithms.
 * @returns a function of a sound's samples that gives `[frames, mels]` float32, row-major.
 */
export function astFeatures(settings: AstSettings): (samples: Float32Array) => Float32Array {
  const { sampleRate, mels, frames, mean, scale } = settings;
  const [length, hop] = [frameLength(sampleRate), frameHop(sampleRate)];
  const size = 2 ** Math.ceil(Math.log2(length));
  const spectrogram = melSpectrogram({
    size,
    filters: mels,
    lowest: 20,
    highest: sampleRate / 2,
    sampleRate,
    scale: "kaldi",
  });
  const hann = Float64Array.from(
    { length },
    (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / (length - 1)),
  );
  const frame = new Float64Array(size);
  const energies = new Float64Array(mels);
  return (samples) => {
    const out = new Float32Array(mels * frames).fill((0 - mean) / scale);
    const heard = Math.min(frames, 1 + Math.floor((samples.length - length) / hop));
    for (let t = 0; t < heard; t++) {
      const start = t * hop;
      let sum = 0;
      for (let i = 0; i < length; i++) sum += samples[start + i]!;
      const offset = sum / length;
      for (let i = 0; i < length; i++) {
        const before = samples[start + Math.max(0, i - 1)]!;
        frame[i] = (samples[start + i]! - offset - PREEMPHASIS * (before - offset)) * hann[i]!;
      }
      spectrogram.frame(frame, energies);
      for (let mel = 0; mel < mels; mel++)
        out[t * mels + mel] = (Math.log(Math.max(LEAST, energies[mel]!)) - mean) / scale;
    }
    return out;
  };
}

const PREEMPHASIS = 0.97;
/** The smallest step of float32 at 1. */
const LEAST = 2 ** -23;
