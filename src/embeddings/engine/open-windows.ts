import type { Backbone } from "../../backbones/backbone.js";
import type { RejectedRow, Row } from "../../data/row.js";
import type { VectorStore } from "../cache/vector-store.js";
import type { BatchOptions } from "./embed-windows.js";
import { unlessAborted } from "./iterate.js";
import type { Window } from "./open-window.js";
import type { StageClock } from "./stage-clock.js";
import { imageWindows, textWindows } from "./windows.js";
import { audioWindows } from "./windows-audio.js";

/** The rows of a run, prepared window by window as they are asked for. */
export interface OpenWindows {
  readonly windows: AsyncIterable<Window<Int32Array | Float32Array>>;
  /** The window that comes first, which still comes with the others; null where there is none. */
  first(): Promise<Window<Int32Array | Float32Array> | null>;
  /** Begins on the window behind it. */
  beginSecond(): void;
  /** Ends reading and preparing. */
  close(): void;
}

/** What windows are made with. */
export interface WindowOptions extends Pick<BatchOptions, "windowRows" | "windowTokens" | "batchSamples"> {
  /** Where known vectors are taken from; default: nowhere. */
  readonly store?: VectorStore | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly profile?: StageClock;
}

/** Of sounds, which are larger: 8 batches of 30 s take 15 MB. */
const SOUND_BATCHES_PER_WINDOW = 8;

/** Windows of prepared rows, in the input's order; nothing is read before the first is asked for. */
export function openWindows(
  items: AsyncIterable<Row | RejectedRow>,
  { preprocessor }: Backbone,
  { windowRows: rows, windowTokens, batchSamples, signal, profile, ...options }: WindowOptions,
): OpenWindows {
  const store = options.store ?? null;
  const read = profile === undefined ? items : profile.timed("read", items);
  const made: AsyncIterable<Window<Int32Array | Float32Array>> =
    preprocessor.kind === "text"
      ? textWindows(read, preprocessor, { rows, size: windowTokens }, store)
      : preprocessor.kind === "image"
        ? imageWindows(read, preprocessor, { rows }, store)
        : audioWindows(read, preprocessor, { rows, size: SOUND_BATCHES_PER_WINDOW * batchSamples }, store);
  const iterator = (profile === undefined ? made : profile.timed("prepare", made))[Symbol.asyncIterator]();
  const begun: ReturnType<typeof iterator.next>[] = [];
  const begin = (): void => {
    const window = iterator.next();
    // A fault surfaces where the window's turn comes; until then it must not count as unhandled.
    window.catch(() => undefined);
    begun.push(window);
  };
  const next = () => begun.shift() ?? iterator.next();
  const close = () => void iterator.return?.().catch(() => undefined);
  return {
    windows: {
      [Symbol.asyncIterator]: () => ({
        next,
        return: async () => {
          close();
          return { done: true, value: undefined };
        },
      }),
    },
    async first() {
      if (begun.length === 0) begin();
      const result = await unlessAborted(begun[0]!, signal);
      return result.done ? null : result.value;
    },
    beginSecond: begin,
    close,
  };
}
