import type { Modality } from "../../backbones/backbone.js";
import type { EncoderOptions } from "../../backbones/open-encoders.js";
import { cpuCount } from "../../core/cpu-count.js";
import type { PartState } from "../file/part-file.js";

/**
 * As many sessions as fit, in threads of their own, but where that does not pay; sessions and threads as in the run that is
 * continued. Where images or sounds are decoded meanwhile, the session's threads sleep between operators: waiting busily, they would hold the
 * processors that decode.
 */
export function encoderOptions(
  { device, threads, sessions }: EncoderOptions,
  modality: Modality,
  few: boolean,
  found: PartState | null,
): EncoderOptions {
  const recorded = found?.compute === undefined ? undefined : Math.min(found.compute.threads, cpuCount());
  const wanted = threads ?? recorded;
  return {
    ...(device !== undefined && { device }),
    ...(wanted !== undefined && { threads: wanted }),
    ...(modality !== "text" && { spin: false }),
    sessions: sessions ?? (few ? 0 : (found?.compute?.sessions ?? "fitting")),
  };
}
