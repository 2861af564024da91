import type { Model } from "../onnx/model.js";
import type { Device } from "../onnx/session.js";
import type { EncoderShape } from "./encoder.js";
import type { EncoderOptions } from "./open-encoders.js";
import type { AudioRecipe, ImageRecipe, TextRecipe } from "./preprocess/recipe.js";

export type Modality = "text" | "image" | "audio";

/** How token states or feature maps become one vector; `none` where the graph gives one already. */
export type Pooling = "mean" | "cls" | "max" | "last" | "weighted-mean" | "mean-sqrt-length" | "none";

/** A tensor to take the feature from: a block's number (from 0, negative from the last), its name, or several, concatenated. */
export type Layer = number | string | readonly (number | string)[];

/** Which export of the weights is run. */
export type Precision = "fp32" | "fp16" | "int8";

/** How images reach their size: Pillow's arithmetic, bit for bit, or the image library's shrinking while decoding. */
export type Resize = "exact" | "fast";

/** What a vector was made with: the `headstart.backbone` of an embeddings file. */
export interface BackboneSpec {
  /** As the user wrote it: `use-lite`, `./folder`, or a Hub id. */
  readonly id: string;
  /** Package version or commit of the weights; null for a bare folder. */
  readonly revision: string | null;
  /** SHA-256 of the ONNX file. */
  readonly weightsDigest: string;
  readonly modality: Modality;
  readonly dim: number;
  /** The tensor that is pooled, by its name in the graph. */
  readonly layer: string;
  readonly pooling: Pooling;
  readonly normalize: boolean;
  readonly precision: Precision;
  /** Everything that preprocessing does, as plain JSON. */
  readonly preprocessing: Readonly<Record<string, unknown>>;
}

/** A frozen encoder: knows how to prepare content, and opens sessions on its graph. */
export interface Backbone {
  readonly spec: BackboneSpec;
  /** Digest of exactly what changes a vector; the same for equal weights whatever their path. */
  readonly fingerprint: string;
  /** Where the weights lie, and under which licence. */
  readonly origin: {
    readonly folder: string;
    readonly license: string | null;
    readonly source: string | null;
  };
  readonly preprocessor: TextPreprocessor | ImagePreprocessor | AudioPreprocessor;
  /** Opens a session on the graph, pooling and normalisation inside; the caller releases it. */
  open(options?: EncoderOptions): Promise<Encoder>;
  /** The graph that sessions are opened on. @throws {HeadstartError} `model` if its files changed since it was read. */
  graph(): Promise<BackboneGraph>;
}

/** The graph of a backbone, for those who build on it. */
export interface BackboneGraph {
  /** One output, `[batch, dim]` float32; large weights are external. */
  readonly model: Model;
  /** What external weights are relative to. */
  readonly folder: string;
  readonly shape: EncoderShape;
}

export interface TextPreprocessor {
  readonly kind: "text";
  /** Longest sequence, special tokens included. */
  readonly maxTokens: number;
  /** The most that the checkpoint itself allows; absent where that is `maxTokens`. */
  readonly limit?: number;
  /** What another thread makes the same preprocessor from; absent where it has to stay on this one. */
  readonly recipe?: TextRecipe;
  /** Token ids with special tokens, cut to `maxTokens`. */
  encode(text: string): { readonly ids: Int32Array; readonly truncated: boolean };
}

export interface ImagePreprocessor {
  readonly kind: "image";
  readonly width: number;
  readonly height: number;
  readonly recipe?: ImageRecipe;
  /**
   * Decodes, resizes, crops and normalises one image: `[3, height, width]` float32.
   * @param admit - awaited once its size is known and before it is decoded, with the pixels that will be held.
   * @throws {HeadstartError} `data` if the bytes are no readable image or exceed the pixel limit.
   */
  prepare(image: Uint8Array | string, admit?: (pixels: number) => Promise<void>): Promise<Float32Array>;
}

export interface AudioPreprocessor {
  readonly kind: "audio";
  /** Hz that the network hears; sounds are resampled to it. */
  readonly sampleRate: number;
  readonly recipe?: AudioRecipe;
  /** Whether a sound is longer than the network hears, as far as its beginning tells (WAV and FLAC); without decoding it. */
  isCut(sound: Uint8Array): boolean;
  /**
   * Decodes, mixes to mono, resamples and normalises one sound: the network's input for it, flat.
   * @returns waveforms `[samples]`, spectrograms `[features * frames]`, float32; `truncated` where the sound is longer
   *   than the network hears.
   * @throws {HeadstartError} `data` if the bytes are no readable sound or exceed the limit of duration.
   */
  prepare(sound: Uint8Array | string): Promise<{ readonly input: Float32Array; readonly truncated: boolean }>;
}

/** An open session of a backbone. */
export interface Encoder {
  readonly device: Device;
  readonly threads: number;
  /** Sessions, each in a thread of its own; absent where the session runs in, and blocks, the caller's thread. */
  readonly sessions?: number | undefined;
  /** Seconds that the sessions have run, all of them together; absent where nobody counts. */
  readonly ranSeconds?: () => number;
  /**
   * @returns `[batch.length, dim]`, row-major. A vector does not depend on its neighbours in the batch, but for rounding
   *   and for graphs that are quantised dynamically, which scale by batch.
   */
  encodeTexts(batch: readonly Int32Array[]): Promise<Float32Array>;
  /** @param batch - `[3, height, width]` each. @returns `[batch.length, dim]`, row-major. */
  encodeImages(batch: readonly Float32Array[]): Promise<Float32Array>;
  /** @param batch - as the backbone's `AudioPreprocessor` prepared them. @returns `[batch.length, dim]`, row-major. */
  encodeAudio(batch: readonly Float32Array[]): Promise<Float32Array>;
  release(): Promise<void>;
}
