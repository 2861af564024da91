import { HeadstartError } from "../core/errors.js";
import type { Checkpoint } from "./checkpoint.js";
import type { Habit } from "./families.js";
import { checkImageInput } from "./graph/check-inputs.js";
import { imageDim } from "./graph/image-dim.js";
import { imageFeature } from "./graph/image-feature.js";
import { describeImagePreprocessing, imagePreprocessor } from "./image/image-preprocessor.js";
import { withProcessorOfModel } from "./image/processor-of-model.js";
import type { Preparation, Prepared } from "./prepared.js";

/**
 * Pixels in, vectors of feature maps or patches out.
 * @throws {HeadstartError} `model` for settings of pixels that are absent or not reproduced, and for a graph that
 *   cannot be fed or gives no feature.
 */
export function prepareImage({ checkpoint, options, family, feature }: Preparation): Prepared {
  // timm's own pooling stands in pooler_output, whatever the architecture.
  const isTimm = typeof checkpoint.config.architecture === "string";
  const habit: Habit | null = isTimm
    ? { pooling: family?.image?.pooling ?? "mean" }
    : (family?.image ?? null);
  const settings = settingsOf(checkpoint);
  const preprocessor = imagePreprocessor(settings, { resize: options.resize ?? "exact" });
  const taken = feature((model) => {
    checkImageInput(model, preprocessor);
    const { pooling = null, normalize = false } = options;
    return imageFeature(model, { pooling, normalize, habit, image: preprocessor });
  });
  return {
    preprocessor,
    preprocessing: describeImagePreprocessing(settings, options.resize),
    image: { width: preprocessor.width, height: preprocessor.height },
    padId: 0,
    feature: taken,
    dim: taken.dim ?? imageDim(checkpoint.config, taken.layer),
  };
}

function settingsOf({ folder, config, preprocessor }: Checkpoint): Readonly<Record<string, unknown>> {
  if (preprocessor !== null) return withProcessorOfModel(preprocessor, config);
  throw new HeadstartError(
    "model",
    `${folder} has no preprocessor_config.json: the size, mean and deviation of pixels are not known`,
    {
      facts: { folder },
      hint: "Copy it from the checkpoint; timm's checkpoints have pretrained_cfg in config.json instead.",
    },
  );
}
