import type { AudioPreprocessorOptions } from "../audio/audio-preprocessor.js";
import type { AudioSettings } from "../audio/audio-settings.js";
import type { ImagePreprocessorOptions } from "../image/image-preprocessor.js";
import type { TextFiles, TextOptions } from "../text/text-preprocessor.js";

/** What a text preprocessor is made from: plain data that names the checkpoint's files. */
export interface TextRecipe {
  readonly kind: "text";
  readonly files: TextFiles;
  readonly options: TextOptions;
  /** Digest of the tokenizer that was read; files that have changed since are refused. */
  readonly tokenizer: string;
}

/** What an image preprocessor is made from. */
export interface ImageRecipe {
  readonly kind: "image";
  /** `preprocessor_config.json`, completed by what the kind of model implies. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly options: ImagePreprocessorOptions;
}

/** What an audio preprocessor is made from. */
export interface AudioRecipe {
  readonly kind: "audio";
  readonly settings: AudioSettings;
  readonly options: AudioPreprocessorOptions;
}

/** What a preprocessor is made from, as data that a thread can be sent: no graph, no weights. */
export type Recipe = TextRecipe | ImageRecipe | AudioRecipe;
