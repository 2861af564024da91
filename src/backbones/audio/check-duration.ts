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
  // In the reason itself: rejected rows are listed by their reasons. Pieces come out some milliseconds longer than asked.
  const cut = `ffmpeg -i long.wav -f segment -segment_time ${Math.ceil(limit.seconds / 2)} part-%03d.wav`;
  throw soundError(
    name,
    `the sound lasts ${seconds} seconds, over the limit of ${limit.seconds}; cut it into pieces: ${cut}`,
  );
}
