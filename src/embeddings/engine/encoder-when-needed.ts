import type { Backbone, Encoder } from "../../backbones/backbone.js";
import type { EncoderOptions } from "../../backbones/open-encoders.js";
import type { VectorStore } from "../cache/vector-store.js";
import type { OpenWindows } from "./open-windows.js";
import type { Stopwatch } from "./stopwatch.js";
import { warmUp } from "./warm-up.js";

/** An encoder whose sessions are opened when something has to be encoded: where every vector is known, never. */
export interface EncoderWhenNeeded extends Encoder {
  /** What it is once it is open, which it begins to be. @throws what `open` throws. */
  opened(): Promise<Encoder>;
  /** The store, at whose first miss opening begins, while further rows are looked up. */
  watched(store: VectorStore): VectorStore;
}

/**
 * An encoder on the processor that is opened with its first batch.
 * @param open - called once at most.
 * @returns `threads` and `sessions` are 0 until it is open.
 */
export function encoderWhenNeeded(open: () => Promise<Encoder>): EncoderWhenNeeded {
  let opening: Promise<Encoder> | null = null;
  let encoder: Encoder | null = null;
  const opened = (): Promise<Encoder> => {
    if (opening === null) {
      opening = open().then((ready) => {
        encoder = ready;
        return ready;
      });
      // A fault surfaces with the first batch, or with `release`.
      opening.catch(() => undefined);
    }
    return opening;
  };
  return {
    device: "cpu",
    get threads() {
      return encoder?.threads ?? 0;
    },
    get sessions() {
      return encoder === null ? 0 : encoder.sessions;
    },
    ranSeconds: () => encoder?.ranSeconds?.() ?? 0,
    opened,
    watched: (store) => ({
      async lookup(hashes) {
        const vectors = await store.lookup(hashes);
        if (vectors.includes(null)) void opened();
        return vectors;
      },
      add: (hashes, vectors) => store.add(hashes, vectors),
    }),
    encodeTexts: async (batch) => (await opened()).encodeTexts(batch),
    encodeImages: async (batch) => (await opened()).encodeImages(batch),
    encodeAudio: async (batch) => (await opened()).encodeAudio(batch),
    async release() {
      const ready = await opening?.catch(() => null);
      await ready?.release();
    },
  };
}

/** A run's encoder before its first row is read. */
export interface FirstEncoder {
  readonly encoder: Encoder;
  /** The same where it is opened only when it is needed; else null. */
  readonly lazy: EncoderWhenNeeded | null;
  /** Where the run takes known vectors from. */
  readonly store: VectorStore | undefined;
  /** What opening it took of the memory. */
  readonly sessionBytes: number;
}

/**
 * Opens a run's encoder; on the processor, where vectors may be known and nothing is calibrated, only when it is needed.
 * @throws {HeadstartError} `provider` or `model` as `Backbone.open` does.
 */
export async function firstEncoder(
  backbone: Backbone,
  options: EncoderOptions,
  {
    store,
    tune = "off",
  }: { readonly store: VectorStore | undefined; readonly tune?: "auto" | "off" | undefined },
): Promise<FirstEncoder> {
  const { device = "cpu" } = options;
  if (store !== undefined && device === "cpu" && tune === "off") {
    const lazy = encoderWhenNeeded(() => backbone.open(options));
    return { encoder: lazy, lazy, store: lazy.watched(store), sessionBytes: 0 };
  }
  const before = process.memoryUsage.rss();
  const encoder = await backbone.open(options);
  const sessionBytes = Math.max(0, process.memoryUsage.rss() - before);
  try {
    await warmUp(backbone, encoder);
  } catch (thrown) {
    await encoder.release();
    throw thrown;
  }
  return { encoder, lazy: null, store, sessionBytes };
}

/** The encoder of a run whose first window is known: opened where that window has something to encode. */
export async function openedForFirst(
  { encoder, lazy }: FirstEncoder,
  windows: OpenWindows,
  watch: Stopwatch,
): Promise<Encoder> {
  if (lazy === null) return encoder;
  const window = await windows.first();
  watch.lap("embed");
  const opened = window !== null && window.inputs.length > 0;
  if (opened) windows.beginSecond();
  const ready = opened ? await lazy.opened() : encoder;
  watch.lap("load");
  return ready;
}
