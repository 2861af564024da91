import { parentPort, workerData } from "node:worker_threads";
import { sentError } from "../core/sent-error.js";
import type { Encoder } from "./backbone.js";
import { openEncoder } from "./encoder.js";
import type { EncoderAnswer, EncoderJob, EncoderRequest } from "./encoder-protocol.js";
import { type PackedBatch, unpackRows } from "./packed-batch.js";

/** A thread that owns a session: a run blocks it, and nobody else. Requests are answered in their order. */
const { graph, shape, options } = workerData as EncoderJob;
const port = parentPort!;
const answer = (message: EncoderAnswer, transfer: ArrayBuffer[] = []): void =>
  port.postMessage(message, transfer);

const encode = (encoder: Encoder, { kind, data, lengths }: PackedBatch): Promise<Float32Array> => {
  if (kind === "texts") return encoder.encodeTexts(unpackRows(data as Int32Array, lengths));
  const rows = unpackRows(data as Float32Array, lengths);
  return kind === "images" ? encoder.encodeImages(rows) : encoder.encodeAudio(rows);
};

const serve = async (encoder: Encoder, request: EncoderRequest): Promise<void> => {
  if (request.kind === "release") {
    await encoder.release();
    // With nothing left to hear, the thread ends.
    port.close();
    return;
  }
  const { id, batch } = request;
  const { buffer } = batch.data;
  const begun = performance.now();
  try {
    const encoded = await encode(encoder, batch);
    const seconds = (performance.now() - begun) / 1000;
    // The runtime's own buffer: whole, and nobody else's.
    const vectors = encoded as Float32Array<ArrayBuffer>;
    answer({ kind: "encoded", id, vectors, seconds, buffer }, [buffer, vectors.buffer]);
  } catch (thrown) {
    answer({ kind: "failed", id, error: sentError(thrown), buffer }, [buffer]);
  }
};

try {
  const encoder = await openEncoder(graph, shape, options);
  let last = Promise.resolve();
  port.on("message", (request: EncoderRequest) => {
    last = last.then(() => serve(encoder, request));
  });
  answer({ kind: "open", device: encoder.device, threads: encoder.threads });
} catch (thrown) {
  answer({ kind: "refused", error: sentError(thrown) });
}
