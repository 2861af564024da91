import { HeadstartError } from "../core/errors.js";
import type { Preparation, Prepared } from "./prepared.js";

/**
 * Waveforms or spectrograms in, vectors out.
 * @throws {HeadstartError} `model` for a checkpoint that hears nothing.
 */
export function prepareAudio({ checkpoint }: Preparation): Promise<Prepared> {
  throw new HeadstartError("model", `${checkpoint.folder} hears sounds, which are not read`);
}
