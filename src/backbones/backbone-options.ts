import type { OnProgress } from "../core/progress.js";
import type { Layer, Modality, Pooling, Precision, Resize } from "./backbone.js";

export interface BackboneOptions {
  /** Which side of a checkpoint that reads several kinds of content. */
  readonly modality?: Modality;
  /** Branch, tag or commit of a Hub id; default `main`. */
  readonly revision?: string;
  /** Which export of the weights; default `fp32`. */
  readonly precision?: Precision;
  /** Where the feature is taken; default: what the family is used by. */
  readonly layer?: Layer;
  /** Before each text: the name of one of the checkpoint's prompts, or the words; default: its default prompt. */
  readonly prompt?: string;
  /**
   * Longest sequence of a text, special tokens included: at most the checkpoint's own limit. Default: that limit, but no
   * more than 8,192, as the memory of attention grows with the square.
   */
  readonly maxTokens?: number;
  /** Of images; default `exact`. */
  readonly resize?: Resize;
  /** Default: what the checkpoint says, else the habit of its kind (text: mean; feature maps: mean). */
  readonly pooling?: Pooling;
  /** L2-normalise; default: what the checkpoint says, else no. */
  readonly normalize?: boolean;
  /** Of a download from the Hub. */
  readonly onProgress?: OnProgress;
  /** Stops a download from the Hub; what has come is kept. */
  readonly signal?: AbortSignal;
}
