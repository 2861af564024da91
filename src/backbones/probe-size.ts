import type { Checkpoint } from "./checkpoint.js";
import type { ProbeSize } from "./graph/probe-feeds.js";
import { imageTransform } from "./image/image-transform.js";
import { withProcessorOfModel } from "./image/processor-of-model.js";

/** A number of tokens that is no other size of a network. */
const TOKENS = 5;
/** A second of sound. */
const SAMPLES = 16_000;
/** Pixels where a checkpoint's own settings do not tell. */
const SIDE = 224;

/**
 * Sizes that a checkpoint's graph surely runs on: of images and spectrograms those that its preprocessor makes.
 * @throws {HeadstartError} `model` for settings of the preprocessor that are not reproduced.
 */
export async function probeSize(
  { config, preprocessor, modality }: Checkpoint,
  batch: number,
): Promise<ProbeSize> {
  if (modality === "text") return { batch, row: [TOKENS] };
  if (modality === "audio") {
    const { audioSettings, spectrogramShape } = await import("./audio/audio-settings.js");
    return { batch, row: spectrogramShape(audioSettings(preprocessor, config.model_type)) ?? [SAMPLES] };
  }
  if (preprocessor === null) return { batch, row: [3, SIDE, SIDE] };
  const { output } = imageTransform(withProcessorOfModel(preprocessor, config));
  return { batch, row: [3, output.height, output.width] };
}
