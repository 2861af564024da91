import { audioPreprocessor, describeAudioPreprocessing } from "./audio/audio-preprocessor.js";
import { audioSettings, spectrogramShape } from "./audio/audio-settings.js";
import { checkAudioInput } from "./audio/check-audio-input.js";
import { convStack, receptiveField } from "./audio/conv-stack.js";
import { audioFeature } from "./graph/audio-feature.js";
import type { Preparation, Prepared } from "./prepared.js";

/**
 * Waveforms or spectrograms in, vectors out: by default the mean of the frames.
 * @throws {HeadstartError} `model` for a feature extractor that is not reproduced, or a graph that does not fit it.
 */
export function prepareAudio({ checkpoint, options, family, feature }: Preparation): Prepared {
  const { config, preprocessor: described } = checkpoint;
  const settings = audioSettings(described, config.model_type);
  const stack = settings.kind === "waveform" ? convStack(config) : null;
  const preprocessor = audioPreprocessor(
    settings,
    stack === null ? {} : { minSamples: receptiveField(stack) },
  );
  const spectrogram = spectrogramShape(settings);
  const habit = family?.audio;
  const taken = feature((model) => {
    checkAudioInput(model, spectrogram);
    return audioFeature(model, {
      features: [...(habit?.features ?? []), "last_hidden_state", "pooler_output"],
      pooling: options.pooling ?? habit?.pooling ?? "mean",
      normalize: options.normalize ?? false,
      frames: framesAreOwn(config) ? stack : null,
    });
  });
  const hidden = config.hidden_size ?? config.d_model;
  return {
    preprocessor,
    preprocessing: describeAudioPreprocessing(settings),
    image: null,
    spectrogram,
    padId: 0,
    feature: taken,
    dim: taken.dim ?? (typeof hidden === "number" ? hidden : null),
  };
}

/** Families whose frames of padding were seen to change no other frame, where their features are layer-normalised. */
const MASKED = ["wav2vec2", "hubert", "wavlm"];

/**
 * Whether padding changes no frame of the sound itself: group norm takes its mean over the padding too, and an
 * adapter makes other frames of the convolutions'.
 */
function framesAreOwn({ model_type: type, feat_extract_norm: norm, add_adapter: adapter }: Config): boolean {
  return MASKED.includes(String(type)) && norm === "layer" && adapter !== true;
}

type Config = Readonly<Record<string, unknown>>;
