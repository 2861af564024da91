import { textFeature } from "./graph/text-feature.js";
import type { Preparation, Prepared } from "./prepared.js";
import { loadText } from "./text/text-preprocessor.js";

/** Tokens in, vectors of token states out. */
export async function prepareText({ checkpoint, options, family, feature }: Preparation): Promise<Prepared> {
  const { preprocessor, description, padId } = await loadText(checkpoint);
  const { sentence, config } = checkpoint;
  const taken = feature((model) =>
    textFeature(model, {
      pooling: options.pooling ?? sentence.pooling ?? family?.text?.pooling ?? "mean",
      normalize: options.normalize ?? sentence.normalize ?? false,
    }),
  );
  const hidden = typeof config.hidden_size === "number" ? config.hidden_size : null;
  return {
    preprocessor,
    preprocessing: description,
    image: null,
    padId,
    feature: taken,
    dim: taken.dim ?? hidden,
  };
}
