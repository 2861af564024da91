import { z } from "zod";
import { HeadstartError } from "../../core/errors.js";
import { type AstSettings, astSamples } from "./ast-features.js";
import { type WhisperSettings, whisperFrames } from "./whisper-features.js";

/** What preprocessing does with the samples of a sound, one channel at the network's rate. */
export type AudioSettings =
  | { readonly kind: "waveform"; readonly sampleRate: number; readonly normalize: boolean }
  | ({ readonly kind: "whisper" } & WhisperSettings)
  | ({ readonly kind: "ast" } & AstSettings);

const FILE = "preprocessor_config.json";

const rate = z.int().min(1_000).max(192_000).default(16_000);
const mels = z.int().min(1).max(1024);
const ignored = z.unknown().optional();
/** Keys that change no value of a sound that is prepared alone. */
const SILENT = {
  feature_extractor_type: ignored,
  feature_extractor_class: ignored,
  processor_class: ignored,
  tokenizer_class: ignored,
  transformers_version: ignored,
  auto_map: ignored,
  padding_side: ignored,
  padding_value: ignored,
  return_attention_mask: ignored,
  mel_filters: ignored,
  n_samples: ignored,
  nb_max_frames: ignored,
  dither: z.literal(0).optional(),
};

const SCHEMAS = {
  Wav2Vec2FeatureExtractor: z.object({
    ...SILENT,
    feature_size: z.literal(1).optional(),
    sampling_rate: rate,
    do_normalize: z.boolean().default(true),
  }),
  WhisperFeatureExtractor: z.object({
    ...SILENT,
    // The extractor normalises only where its caller asks; what the file says has no effect.
    do_normalize: ignored,
    padding_side: z.literal("right").optional(),
    padding_value: z.literal(0).optional(),
    feature_size: mels.default(80),
    sampling_rate: rate,
    hop_length: z.int().min(1).max(16_384).default(160),
    chunk_length: z.int().min(1).max(600).default(30),
    n_fft: z.int().min(2).max(16_384).default(400),
  }),
  ASTFeatureExtractor: z.object({
    ...SILENT,
    feature_size: z.literal(1).optional(),
    sampling_rate: rate,
    num_mel_bins: mels.default(128),
    max_length: z.int().min(1).max(65_536).default(1024),
    do_normalize: z.boolean().default(true),
    mean: z.number().default(-4.2677393),
    std: z.number().positive().default(4.5689974),
  }),
} as const;

type Extractor = keyof typeof SCHEMAS;

/** The extractor of families whose file does not name it. */
const BY_FAMILY: Readonly<Record<string, Extractor>> = {
  whisper: "WhisperFeatureExtractor",
  "audio-spectrogram-transformer": "ASTFeatureExtractor",
};

/**
 * Reads a feature extractor's `preprocessor_config.json`: Wav2Vec2FeatureExtractor (wav2vec2, HuBERT, WavLM and
 * their kin), WhisperFeatureExtractor, ASTFeatureExtractor.
 * @param config - the file's content, parsed.
 * @param family - `model_type`, for files that do not name their extractor; any other than Whisper's or AST's hears waveforms.
 * @throws {HeadstartError} `model`, naming the key, for a setting that is not reproduced.
 */
export function audioSettings(config: unknown, family: unknown): AudioSettings {
  if (config === null || typeof config !== "object" || Array.isArray(config)) {
    throw new HeadstartError("model", `${FILE} must hold a JSON object`);
  }
  const entries = config as Readonly<Record<string, unknown>>;
  const named: unknown =
    entries.feature_extractor_type ?? BY_FAMILY[String(family)] ?? "Wav2Vec2FeatureExtractor";
  switch (named) {
    case "Wav2Vec2FeatureExtractor": {
      const { sampling_rate: sampleRate, do_normalize: normalize } = read(SCHEMAS[named], entries);
      return { kind: "waveform", sampleRate, normalize };
    }
    case "WhisperFeatureExtractor": {
      const given = read(SCHEMAS[named], entries);
      const { sampling_rate: sampleRate, n_fft: fftSize, hop_length: hop, chunk_length: seconds } = given;
      if (fftSize >= sampleRate * seconds || sampleRate < 16_000) {
        throw refused("n_fft", `or sampling_rate makes no spectrogram of 8 kHz: ${fftSize}, ${sampleRate}`);
      }
      return { kind: "whisper", sampleRate, mels: given.feature_size, fftSize, hop, seconds };
    }
    case "ASTFeatureExtractor": {
      const given = read(SCHEMAS[named], entries);
      const [mean, scale] = given.do_normalize ? [given.mean, given.std * 2] : [0, 1];
      return {
        kind: "ast",
        sampleRate: given.sampling_rate,
        mels: given.num_mel_bins,
        frames: given.max_length,
        mean,
        scale,
      };
    }
    default:
      throw refused("feature_extractor_type", `is '${String(named)}', which is not reproduced`, HINT);
  }
}

const HINT = `Reproduced are: ${Object.keys(SCHEMAS).join(", ")}.`;

/** The most that a network hears of a sound, in samples; null where it hears sounds of any length. */
export function heardSamples(settings: AudioSettings): number | null {
  if (settings.kind === "waveform") return null;
  return settings.kind === "whisper" ? settings.seconds * settings.sampleRate : astSamples(settings);
}

/** The sizes of a prepared sound; null for a waveform, which has any length. */
export function spectrogramShape(settings: AudioSettings): readonly number[] | null {
  if (settings.kind === "waveform") return null;
  return settings.kind === "whisper"
    ? [settings.mels, whisperFrames(settings)]
    : [settings.frames, settings.mels];
}

function read<S extends z.ZodObject>(schema: S, entries: Readonly<Record<string, unknown>>): z.infer<S> {
  for (const [key, value] of Object.entries(entries)) {
    if (Object.hasOwn(schema.shape, key) || value === null || value === false) continue;
    throw refused(
      key,
      "is not understood, and might change the sound",
      "Remove the key if it has no effect.",
    );
  }
  const given = Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== null));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw refused(issue.path.join("."), `cannot be taken: ${issue.message}`);
}

function refused(key: string, reason: string, hint?: string): HeadstartError {
  return new HeadstartError("model", `${FILE}: '${key}' ${reason}`, {
    facts: { key },
    ...(hint === undefined ? {} : { hint }),
  });
}
