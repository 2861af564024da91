import type { EncoderOptions } from "../backbones/open-encoders.js";
import { cpuCount } from "../core/cpu-count.js";
import type { PartState } from "./part-file.js";

/** One session in a thread of its own, but where that does not pay; threads as in the run that is continued. */
export function encoderOptions(
  { device, threads, sessions }: EncoderOptions,
  few: boolean,
  found: PartState | null,
): EncoderOptions {
  const recorded = found?.compute === undefined ? undefined : Math.min(found.compute.threads, cpuCount());
  const wanted = threads ?? recorded;
  return {
    ...(device !== undefined && { device }),
    ...(wanted !== undefined && { threads: wanted }),
    sessions: sessions ?? (few ? 0 : (found?.compute?.sessions ?? 1)),
  };
}
