import { melSpectrogram } from "./mel-spectrogram.js";

export interface WhisperSettings {
  /** Hz. */
  readonly sampleRate: number;
  readonly mels: number;
  /** Samples of a frame. */
  readonly fftSize: number;
  /** Samples from a frame to the next. */
  readonly hop: number;
  /** What the network hears of a sound; a shorter one is followed by silence. */
  readonly seconds: number;
}

/** Frames of a spectrogram. */
export function whisperFrames({ sampleRate, seconds, hop }: WhisperSettings): number {
  return Math.floor((seconds * sampleRate) / hop);
}

/**
 * The log-mel spectrogram of transformers' `WhisperFeatureExtractor`: Hann windows around every `hop`-th sample,
 * the sound mirrored at both ends, base-10 logarithms no lower than 8 under the highest, then `(x + 4) / 4`.
 * @returns a function of at most `seconds * sampleRate` samples that gives `[mels, frames]` float32, row-major.
 */
export function whisperFeatures(settings: WhisperSettings): (samples: Float32Array) => Float32Array {
  const { sampleRate, mels, fftSize, hop, seconds } = settings;
  const total = seconds * sampleRate;
  const frames = whisperFrames(settings);
  const spectrogram = melSpectrogram({
    size: fftSize,
    filters: mels,
    lowest: 0,
    highest: 8000,
    sampleRate,
    scale: "slaney",
  });
  const hann = Float64Array.from(
    { length: fftSize },
    (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / fftSize),
  );
  const half = Math.floor(fftSize / 2);
  const frame = new Float64Array(fftSize);
  const energies = new Float64Array(mels);
  const silence = Math.log10(LEAST);
  return (samples) => {
    const out = new Float32Array(mels * frames).fill(silence);
    let highest = silence;
    for (let t = 0; t < frames; t++) {
      let silent = true;
      for (let i = 0; i < fftSize; i++) {
        const at = mirrored(t * hop + i - half, total);
        const value = at < samples.length ? samples[at]! : 0;
        frame[i] = value * hann[i]!;
        silent &&= value === 0;
      }
      if (silent) continue;
      spectrogram.frame(frame, energies);
      for (let mel = 0; mel < mels; mel++) {
        const level = Math.log10(Math.max(LEAST, energies[mel]!));
        out[mel * frames + t] = level;
        highest = Math.max(highest, level);
      }
    }
    for (let i = 0; i < out.length; i++) out[i] = (Math.max(out[i]!, highest - 8) + 4) / 4;
    return out;
  };
}

/** An energy that stands for none. */
const LEAST = 1e-10;

/** The place that a place before the first or after the last of `total` samples mirrors; the edge itself is not repeated. */
function mirrored(at: number, total: number): number {
  if (at < 0) return -at;
  return at < total ? at : 2 * (total - 1) - at;
}
