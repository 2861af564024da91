import { soundError } from "./sound-error.js";
import type { DurationLimit } from "./waveform.js";

/**
 * How many samples are taken of a sound.
 * @throws {HeadstartError} `data` if there are none, or more than `limit` allows.
 */
export function checkDuration(
  frames: number,
  sampleRate: number,
  limit: DurationLimit,
  name: string,
): number {
  if (frames === 0) throw soundError(name, "the sound is empty (0 samples)");
  const most = Math.ceil(limit.seconds * sampleRate);
  if (frames <= most) return frames;
  if (limit.beyond === "cut") return most;
  const seconds = (frames / sampleRate).toFixed(1);
  throw soundError(name, `the sound lasts ${seconds} seconds, over the limit of ${limit.seconds}`, {
    hint: `Split it into pieces of at most ${limit.seconds} seconds.`,
  });
}
