import type { OnProgress, ProgressEvent } from "../core/progress.js";
import { bytes, count, duration, percent } from "./format-number.js";

/** Shows progress on stderr until it is stopped. */
export interface ProgressDisplay {
  readonly onProgress: OnProgress;
  /** Clears the bar, so that the next message starts on a line of its own. */
  stop(): void;
}

/** Nothing is shown for work shorter than this. */
const QUIET_SECONDS = 2;
/** Between two plain lines. */
const LINE_SECONDS = 5;

/** A bar with rate and remaining time on a terminal; plain lines every few seconds elsewhere. */
export async function progressDisplay(): Promise<ProgressDisplay> {
  return process.stderr.isTTY && process.env.TERM !== "dumb" ? bar() : lines();
}

async function bar(): Promise<ProgressDisplay> {
  const { SingleBar } = (await import("cli-progress")).default;
  let shown: InstanceType<typeof SingleBar> | null = null;
  let pace = startPace();
  const columns = 28;
  const draw = (event: ProgressEvent): string => {
    const share = event.total ? Math.min(1, event.done / event.total) : 0;
    const filled = Math.round(columns * share);
    const picture = event.total ? ` [${"=".repeat(filled)}${" ".repeat(columns - filled)}]` : "";
    return `${event.stage}${picture} ${pace.describe(event)}`;
  };
  const stop = (): void => {
    shown?.stop();
    shown = null;
  };
  return {
    onProgress(event) {
      if (pace.isOver(event)) {
        stop();
        pace = startPace(event);
        shown = new SingleBar({
          format: (_options, _params, payload: { event: ProgressEvent }) => draw(payload.event),
          stream: process.stderr,
          clearOnComplete: true,
          hideCursor: null,
          gracefulExit: false,
        });
        shown.start(event.total ?? 1, 0, { event });
      }
      shown?.update(Math.min(event.done, event.total ?? 0), { event });
    },
    stop,
  };
}

function lines(): ProgressDisplay {
  const begun = performance.now();
  let pace = startPace();
  let last = begun + 1000 * (QUIET_SECONDS - LINE_SECONDS);
  return {
    onProgress(event) {
      if (pace.isOver(event)) pace = startPace(event);
      const now = performance.now();
      if (now - last < 1000 * LINE_SECONDS) return;
      last = now;
      process.stderr.write(`${event.stage}: ${pace.describe(event)}\n`);
    },
    stop: () => undefined,
  };
}

/** Rate and remaining time of one stage. */
interface Pace {
  /** Whether an event belongs to another stage, or to the same one begun anew. */
  isOver(event: ProgressEvent): boolean;
  describe(event: ProgressEvent): string;
}

/** Starts counting at `first`: rows that an earlier run had done already don't count as speed. */
function startPace(first?: ProgressEvent): Pace {
  const begun = performance.now();
  const offset = first?.done ?? 0;
  const tokensBefore = first?.encoding?.tokens ?? 0;
  let last = offset;
  return {
    isOver(event) {
      const over = event.stage !== first?.stage || event.done < last;
      last = event.done;
      return over;
    },
    describe(event) {
      const seconds = (performance.now() - begun) / 1000;
      const rate = seconds > 0 ? (event.done - offset) / seconds : 0;
      const of =
        event.total === undefined ? "" : `/${event.approximate ? "~" : ""}${amount(event.total, event)}`;
      const parts = [`${amount(event.done, event)}${of}${event.unit === "bytes" ? "" : ` ${event.unit}`}`];
      if (event.unit === "bytes") parts.push(`${bytes(Math.round(rate))}/s`);
      else if (rate >= 1) parts.push(`${rate >= 10 ? count(Math.round(rate)) : rate.toFixed(1)}/s`);
      else if (rate > 0) parts.push(`${duration(1 / rate)} each`);
      parts.push(...encodingParts(event.encoding, tokensBefore, seconds));
      if (rate > 0 && event.total !== undefined && event.total > event.done) {
        parts.push(`${duration((event.total - event.done) / rate)} left`);
      }
      return parts.join(", ");
    },
  };
}

/** What went through the backbone: `12,345 tokens/s, 3.1% padding, 2 rejected`. */
function encodingParts(
  encoding: ProgressEvent["encoding"],
  tokensBefore: number,
  seconds: number,
): readonly string[] {
  if (encoding === undefined) return [];
  const { tokens, paddingShare, rejects } = encoding;
  const parts: string[] = [];
  if (tokens !== undefined && seconds > 0 && tokens > tokensBefore) {
    parts.push(`${count(Math.round((tokens - tokensBefore) / seconds))} tokens/s`);
  }
  if (paddingShare > 0) parts.push(`${percent(paddingShare)} padding`);
  if (rejects > 0) parts.push(`${count(rejects)} rejected`);
  return parts;
}

/** `12,345`, or of bytes `28.4 MB`. */
function amount(value: number, { unit }: ProgressEvent): string {
  return unit === "bytes" ? bytes(value) : count(value);
}
