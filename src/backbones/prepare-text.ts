import { embeddingRows } from "./graph/embedding-rows.js";
import { textFeature } from "./graph/text-feature.js";
import type { Preparation, Prepared } from "./prepared.js";
import { checkVocabulary } from "./text/check-tokenizer.js";
import { loadText } from "./text/text-preprocessor.js";

/** Tokens in, vectors of token states out. */
export async function prepareText({ checkpoint, options, family, feature }: Preparation): Promise<Prepared> {
  const { sentence, config } = checkpoint;
  const habit = family?.text;
  const text = await loadText(checkpoint, {
    ...(options.prompt === undefined ? {} : { prompt: options.prompt }),
    ...(options.maxTokens === undefined ? {} : { maxTokens: options.maxTokens }),
    habit: habit ?? null,
  });
  const taken = feature((model) => {
    checkVocabulary(text.largestId, embeddingRows(model), checkpoint.folder);
    return textFeature(model, {
      pooling: options.pooling ?? sentence.pooling,
      habit: habit?.pooling ?? "mean",
      normalize: options.normalize ?? sentence.normalize ?? false,
      features: habit?.features ?? [],
      positionsAfter: text.positionsAfter,
      promptTokens: sentence.includePrompt ? 0 : text.promptTokens,
      dense: sentence.dense,
    });
  });
  const hidden = typeof config.hidden_size === "number" ? config.hidden_size : null;
  return {
    preprocessor: text.preprocessor,
    preprocessing: text.description,
    image: null,
    padId: text.padId,
    feature: taken,
    dim: taken.dim ?? hidden,
  };
}
