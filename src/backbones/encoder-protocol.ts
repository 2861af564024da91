import type { SentError } from "../core/sent-error.js";
import type { Device, SessionOptions } from "../onnx/session.js";
import type { EncoderShape } from "./encoder.js";
import type { PackedBatch } from "./packed-batch.js";

/** What a thread that encodes is started with. */
export interface EncoderJob {
  readonly graph: Uint8Array | string;
  readonly shape: EncoderShape;
  readonly options: SessionOptions;
}

/** What it is told. */
export type EncoderRequest =
  | { readonly kind: "encode"; readonly id: number; readonly batch: PackedBatch }
  | { readonly kind: "release" };

/** What it answers; the buffer of a batch comes back in either case. */
export type EncoderAnswer =
  | { readonly kind: "open"; readonly device: Device; readonly threads: number }
  | { readonly kind: "refused"; readonly error: SentError }
  | {
      readonly kind: "encoded";
      readonly id: number;
      /** `[rows, dim]`, row-major. */
      readonly vectors: Float32Array<ArrayBuffer>;
      readonly seconds: number;
      readonly buffer: ArrayBuffer;
    }
  | { readonly kind: "failed"; readonly id: number; readonly error: SentError; readonly buffer: ArrayBuffer };
