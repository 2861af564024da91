import type { Habit } from "./families.js";
import { channelsFirst } from "./graph/channels-first.js";
import { checkImageInput } from "./graph/check-inputs.js";
import { imageDim } from "./graph/image-dim.js";
import { imageFeature } from "./graph/image-feature.js";
import { describeImagePreprocessing, imagePreprocessor } from "./image/image-preprocessor.js";
import type { Preparation, Prepared } from "./prepared.js";

/** Pixels in, vectors of feature maps or patches out. */
export function prepareImage({ checkpoint, options, family, feature }: Preparation): Prepared {
  // timm's own pooling stands in pooler_output, whatever the architecture.
  const isTimm = typeof checkpoint.config.architecture === "string";
  const habit: Habit | null = isTimm
    ? { pooling: family?.image?.pooling ?? "mean" }
    : (family?.image ?? null);
  const preprocessor = imagePreprocessor(checkpoint.preprocessor);
  const taken = feature((source) => {
    const model = channelsFirst(source);
    checkImageInput(model, preprocessor);
    const { pooling = null, normalize = false } = options;
    return imageFeature(model, { pooling, normalize, habit });
  });
  return {
    preprocessor,
    preprocessing: describeImagePreprocessing(checkpoint.preprocessor),
    image: { width: preprocessor.width, height: preprocessor.height },
    padId: 0,
    feature: taken,
    dim: taken.dim ?? imageDim(checkpoint.config, taken.layer),
  };
}
