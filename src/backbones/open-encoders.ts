import type { SessionOptions } from "../onnx/session.js";
import type { Encoder } from "./backbone.js";
import { type EncoderShape, openEncoder } from "./encoder.js";
import { openEncoderInWorker } from "./open-encoder-in-worker.js";

/** How an encoder is opened. */
export interface EncoderOptions extends SessionOptions {
  /**
   * So many sessions, each in a thread of its own, which share the batches. Default 0: one session in the caller's thread,
   * which each run blocks; that is ready sooner, and right for a few rows.
   */
  readonly sessions?: number;
}

/**
 * Opens sessions on a feature graph: in threads of their own where they are asked for and can be had, else in this one.
 * @throws {HeadstartError} `provider` or `model` as `openSession` does.
 */
export async function openEncoders(
  graph: Uint8Array | string,
  shape: EncoderShape,
  { sessions = 0, ...options }: EncoderOptions = {},
): Promise<Encoder> {
  const opening = Array.from({ length: sessions }, () => openEncoderInWorker({ graph, shape, options }));
  const settled = await Promise.allSettled(opening);
  const encoders = settled.flatMap((one) =>
    one.status === "fulfilled" && one.value !== null ? [one.value] : [],
  );
  const refused = settled.find((one) => one.status === "rejected");
  if (refused !== undefined) {
    await Promise.all(encoders.map((encoder) => encoder.release()));
    throw refused.reason;
  }
  if (encoders.length === 0) return openEncoder(graph, shape, options);
  return encoders.length === 1 ? encoders[0]! : shared(encoders);
}

/** Each batch goes to the encoder with the fewest under way. */
function shared(encoders: readonly Encoder[]): Encoder {
  const underWay = encoders.map(() => 0);
  const call = async (encode: (encoder: Encoder) => Promise<Float32Array>): Promise<Float32Array> => {
    const idlest = underWay.indexOf(Math.min(...underWay));
    underWay[idlest]!++;
    try {
      return await encode(encoders[idlest]!);
    } finally {
      underWay[idlest]!--;
    }
  };
  const { device, threads } = encoders[0]!;
  return {
    device,
    threads,
    sessions: encoders.length,
    ranSeconds: () => encoders.reduce((sum, encoder) => sum + (encoder.ranSeconds?.() ?? 0), 0),
    encodeTexts: (batch) => call((encoder) => encoder.encodeTexts(batch)),
    encodeImages: (batch) => call((encoder) => encoder.encodeImages(batch)),
    encodeAudio: (batch) => call((encoder) => encoder.encodeAudio(batch)),
    async release() {
      await Promise.all(encoders.map((encoder) => encoder.release()));
    },
  };
}
