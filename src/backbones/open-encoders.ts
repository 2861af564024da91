import { cpuCount } from "../core/cpu-count.js";
import { freeMemory } from "../core/free-memory.js";
import type { SessionOptions } from "../onnx/session.js";
import type { Encoder } from "./backbone.js";
import { type EncoderShape, openEncoder } from "./encoder.js";
import type { EncoderJob } from "./encoder-protocol.js";
import { fittingSessions } from "./fitting-sessions.js";
import { openEncoderInWorker } from "./open-encoder-in-worker.js";

/** How an encoder is opened. */
export interface EncoderOptions extends SessionOptions {
  /**
   * So many sessions, each in a thread of its own, which share the batches and, unless `threads` is given, the processors.
   * `fitting`: as many as pay (`fittingSessions`); one on accelerators, and where `threads` is given. Default 0: one session
   * in the caller's thread, which each run blocks; that is ready sooner, and right for a few rows.
   */
  readonly sessions?: number | "fitting";
}

/**
 * Opens sessions on a feature graph: in threads of their own where they are asked for and can be had, else in this one.
 * @param options - `weightBytes`: of one session, those in other files too; default: what `graph` takes.
 * @throws {HeadstartError} `provider` or `model` as `openSession` does.
 */
export async function openEncoders(
  graph: Uint8Array,
  shape: EncoderShape,
  {
    sessions = 0,
    weightBytes = graph.byteLength,
    ...options
  }: EncoderOptions & { weightBytes?: number } = {},
): Promise<Encoder> {
  if (sessions === 0) return openEncoder(graph, shape, options);
  const plan = planOf(sessions, weightBytes, options);
  const open = (count: number) =>
    openInWorkers({ graph, shape, options: { ...options, ...plan.each } }, count);
  // Which device `auto` is, the first session finds out.
  const asking = sessions === "fitting" && options.device === "auto";
  const encoders = await open(asking ? 1 : plan.sessions);
  if (encoders.length === 0) return openEncoder(graph, shape, options);
  if (encoders.length < plan.sessions && encoders[0]!.device === "cpu") {
    try {
      encoders.push(...(await open(plan.sessions - encoders.length)));
    } catch (thrown) {
      await encoders[0]!.release();
      throw thrown;
    }
  }
  return encoders.length === 1 ? encoders[0]! : shared(encoders);
}

/** How many sessions, and what each is opened with. */
function planOf(
  sessions: number | "fitting",
  weightBytes: number,
  { device = "cpu", threads }: SessionOptions,
): { readonly sessions: number; readonly each: Pick<SessionOptions, "threads"> } {
  const processors = cpuCount();
  if (sessions !== "fitting") {
    return { sessions, each: { threads: threads ?? Math.max(1, Math.floor(processors / sessions)) } };
  }
  if (threads !== undefined) return { sessions: 1, each: { threads } };
  if (device !== "cpu" && device !== "auto") return { sessions: 1, each: {} };
  const fitting = fittingSessions(weightBytes, { processors, memory: freeMemory() });
  return { sessions: fitting.sessions, each: { threads: fitting.threads } };
}

/** So many encoders, or none where one is refused or no thread can be started. */
async function openInWorkers(job: EncoderJob, count: number): Promise<Encoder[]> {
  const settled = await Promise.allSettled(Array.from({ length: count }, () => openEncoderInWorker(job)));
  const encoders = settled.flatMap((one) =>
    one.status === "fulfilled" && one.value !== null ? [one.value] : [],
  );
  const refused = settled.find((one) => one.status === "rejected");
  if (refused === undefined) return encoders;
  await Promise.all(encoders.map((encoder) => encoder.release()));
  throw refused.reason;
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
