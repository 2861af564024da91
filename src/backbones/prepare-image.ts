import { checkImageInput } from "./graph/check-inputs.js";
import { imageFeature } from "./graph/image-feature.js";
import { describeImagePreprocessing, imagePreprocessor } from "./image/image-preprocessor.js";
import type { Preparation, Prepared } from "./prepared.js";

/** Pixels in, vectors of feature maps or patches out. */
export function prepareImage({ checkpoint, options, feature }: Preparation): Prepared {
  const preprocessor = imagePreprocessor(checkpoint.preprocessor);
  const taken = feature((model) => {
    checkImageInput(model, preprocessor);
    return imageFeature(model, { pooling: options.pooling ?? null, normalize: options.normalize ?? false });
  });
  const { hidden_size: hidden } = checkpoint.config;
  return {
    preprocessor,
    preprocessing: describeImagePreprocessing(checkpoint.preprocessor),
    image: { width: preprocessor.width, height: preprocessor.height },
    padId: 0,
    feature: taken,
    dim: taken.dim ?? (typeof hidden === "number" ? hidden : null),
  };
}
