import { Worker } from "node:worker_threads";
import { HeadstartError } from "../core/errors.js";
import { receivedError } from "../core/sent-error.js";
import { workerFile } from "../core/worker-file.js";
import type { Encoder } from "./backbone.js";
import type { EncoderAnswer, EncoderJob, EncoderRequest } from "./encoder-protocol.js";
import { bufferPool, type PackedBatch, packBatch } from "./packed-batch.js";

/** Input buffers that are kept for the next batches: those under way, and one that is being filled. */
const BUFFERS = 3;

/**
 * Opens an encoder whose session lives in a thread of its own, so that a run blocks no other. Batches are encoded in the
 * order in which they come; keep two under way, and the session does not wait between them.
 * @returns null where no thread can be started: under Node's permission model, or where the worker is not built.
 * @throws {HeadstartError} as `openEncoder` does; a call of the encoder, `provider` if the thread ends by itself.
 */
export async function openEncoderInWorker(job: EncoderJob): Promise<Encoder | null> {
  const worker = startWorker(job);
  if (worker === null) return null;
  const waiting = new Map<number, Waiting>();
  const pool = bufferPool(BUFFERS);
  let ended: Error | null = null;
  let released: Promise<void> | null = null;
  let seconds = 0;
  const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  const opened = await new Promise<{ device: Encoder["device"]; threads: number }>((open, refuse) => {
    const end = (error: Error) => {
      ended ??= error;
      refuse(ended);
      for (const { reject } of waiting.values()) reject(ended);
      waiting.clear();
    };
    worker.on("error", (error) => end(endedByItself(error.message, error)));
    worker.on("exit", (code) => end(endedByItself(`exit code ${code}`)));
    worker.on("message", (message: EncoderAnswer) => {
      if (message.kind === "open") {
        open(message);
        return;
      }
      if (message.kind === "refused") {
        refuse(receivedError(message.error));
        return;
      }
      pool.give(message.buffer);
      const call = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.kind === "failed") {
        call?.reject(receivedError(message.error));
        return;
      }
      seconds += message.seconds;
      call?.resolve(message.vectors);
    });
  });
  let calls = 0;
  const encode = (kind: PackedBatch["kind"], rows: readonly (Int32Array | Float32Array)[]) =>
    new Promise<Float32Array>((resolve, reject) => {
      if (ended !== null) {
        reject(ended);
        return;
      }
      const id = calls++;
      waiting.set(id, { resolve, reject });
      const batch = packBatch(kind, rows, pool);
      worker.postMessage({ kind: "encode", id, batch } satisfies EncoderRequest, [batch.data.buffer]);
    });
  return {
    device: opened.device,
    threads: opened.threads,
    sessions: 1,
    ranSeconds: () => seconds,
    encodeTexts: (batch) => encode("texts", batch),
    encodeImages: (batch) => encode("images", batch),
    encodeAudio: (batch) => encode("sounds", batch),
    release() {
      // Never `terminate`: in the middle of a run it takes the whole process with it.
      if (ended === null) worker.postMessage({ kind: "release" } satisfies EncoderRequest);
      released ??= exited;
      return released;
    },
  };
}

interface Waiting {
  readonly resolve: (vectors: Float32Array) => void;
  readonly reject: (error: Error) => void;
}

function endedByItself(how: string, cause?: unknown): HeadstartError {
  return new HeadstartError("provider", `The thread that runs the backbone ended (${how})`, {
    facts: { how },
    hint: "Run the same command again to go on. If memory ran out, with smaller batches or fewer threads.",
    ...(cause !== undefined && { cause }),
  });
}

function startWorker(workerData: EncoderJob): Worker | null {
  const file = workerFile("backbones/encoder-worker.js");
  if (file === null) return null;
  try {
    return new Worker(file, { workerData });
  } catch {
    return null;
  }
}
