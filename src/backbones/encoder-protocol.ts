import { type ErrorCode, type ErrorFacts, HeadstartError, messageOf } from "../core/errors.js";
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

/** An error as plain data: classes do not survive the way between threads. */
export interface SentError {
  readonly code: ErrorCode | null;
  readonly message: string;
  readonly facts: ErrorFacts;
  readonly hint: string | null;
}

export function sendError(thrown: unknown): SentError {
  if (!(thrown instanceof HeadstartError)) {
    return { code: null, message: messageOf(thrown), facts: {}, hint: null };
  }
  const { code, message, facts, hint = null } = thrown;
  return { code, message, facts, hint };
}

export function receiveError({ code, message, facts, hint }: SentError): Error {
  if (code === null) return new Error(message);
  return new HeadstartError(code, message, { facts, ...(hint !== null && { hint }) });
}
