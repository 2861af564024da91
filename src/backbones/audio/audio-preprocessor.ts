import type { AudioPreprocessor } from "../backbone.js";
import { astFeatures, frameLength } from "./ast-features.js";
import { type AudioSettings, heardSamples } from "./audio-settings.js";
import { type DecodeAudioOptions, decodeAudio } from "./decode-audio.js";
import { normalizeWaveform } from "./normalize-waveform.js";
import { resample } from "./resample.js";
import { soundError } from "./sound-error.js";
import { soundLength } from "./sound-length.js";
import type { DurationLimit } from "./waveform.js";
import { whisperFeatures } from "./whisper-features.js";

/**
 * Longer sounds are refused for networks that hear waveforms, whose memory grows with the square of the duration:
 * wav2vec2-base takes 0.9 GB for 30 s, 2.9 GB for 60 s and 10.7 GB for 120 s.
 */
export const DEFAULT_MAX_SECONDS = 60;

export interface AudioPreprocessorOptions extends Pick<DecodeAudioOptions, "ffmpeg"> {
  /** Longest sound of a network that hears sounds of any length; default 60. */
  readonly maxSeconds?: number;
  /** Fewest samples from which the network makes a frame; default 1. */
  readonly minSamples?: number;
}

/**
 * Prepares sounds as a feature extractor's `preprocessor_config.json` says. A network that hears a fixed stretch is
 * given the beginning of a longer sound, and `truncated` is true.
 */
export function audioPreprocessor(
  settings: AudioSettings,
  options: AudioPreprocessorOptions = {},
): AudioPreprocessor {
  const { sampleRate } = settings;
  const {
    maxSeconds = DEFAULT_MAX_SECONDS,
    minSamples = settings.kind === "ast" ? frameLength(sampleRate) : 1,
    ffmpeg,
  } = options;
  const heard = heardSamples(settings);
  // The filter of the resampler reaches a little beyond what is heard.
  const limit: DurationLimit =
    heard === null
      ? { seconds: maxSeconds, beyond: "refuse" }
      : { seconds: heard / sampleRate + 0.25, beyond: "cut" };
  const features = featuresOf(settings);
  return Object.freeze<AudioPreprocessor>({
    kind: "audio",
    sampleRate,
    recipe: { kind: "audio", settings, options },
    isCut(sound) {
      const length = heard === null ? null : soundLength(sound);
      return length !== null && Math.ceil((length.frames * sampleRate) / length.sampleRate) > heard!;
    },
    async prepare(sound) {
      const waveform = await decodeAudio(sound, { limit, ...(ffmpeg === undefined ? {} : { ffmpeg }) });
      const samples = resample(waveform.samples, waveform.sampleRate, sampleRate);
      if (samples.length < minSamples) {
        const name = typeof sound === "string" ? sound : `sound of ${sound.length} bytes`;
        throw soundError(
          name,
          `the sound is too short: ${samples.length} samples at ${sampleRate} Hz; the network needs ${minSamples}`,
        );
      }
      const truncated = waveform.cut || (heard !== null && samples.length > heard);
      return { input: features(heard === null ? samples : samples.subarray(0, heard)), truncated };
    },
  });
}

function featuresOf(settings: AudioSettings): (samples: Float32Array) => Float32Array {
  switch (settings.kind) {
    case "waveform":
      return settings.normalize ? normalizeWaveform : (samples) => samples;
    case "whisper":
      return whisperFeatures(settings);
    case "ast":
      return astFeatures(settings);
  }
}

/** What preprocessing does, for the backbone's spec and its fingerprint. */
export function describeAudioPreprocessing(settings: AudioSettings): Readonly<Record<string, unknown>> {
  return { decoder: "mean of the channels", resampler: "sinc-hann, 6 crossings, rolloff 0.99", ...settings };
}
