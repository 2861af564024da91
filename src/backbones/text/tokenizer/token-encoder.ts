import { addedTokens } from "./added-tokens.js";
import { modelOf } from "./models.js";
import { normalizerOf } from "./normalizer.js";
import { type Frame, frameOf } from "./post-processor.js";
import { preTokenizerOf } from "./pre-tokenizer.js";
import type { Piece } from "./steps.js";

/** A `tokenizer.json`, ready to be used. */
export interface TokenEncoder {
  /** Ids of a text without the ones that the post-processor adds, not cut. */
  encode(text: string): number[];
  /** What the post-processor puts around them. */
  readonly frame: Frame;
}

/**
 * Reads a `tokenizer.json` and tokenises as the `tokenizers` library does: added tokens, normaliser, pre-tokenizer,
 * model; in all kinds that published encoders use.
 * @throws {NotUnderstood} naming the part that is of another kind.
 * @see https://github.com/huggingface/tokenizers
 */
export function tokenEncoder(tokenizerJson: unknown): TokenEncoder {
  const json = tokenizerJson as Readonly<Record<string, unknown>>;
  const split = addedTokens(json.added_tokens, normalizerOf(json.normalizer));
  const cut = preTokenizerOf(json.pre_tokenizer);
  const model = modelOf(json.model);
  const frame = frameOf(json.post_processor);
  return {
    frame,
    encode(text) {
      const ids: number[] = [];
      for (const section of split(text)) {
        if (typeof section === "number") {
          ids.push(section);
          continue;
        }
        const pieces: readonly Piece[] = cut === null ? [section] : cut([section]);
        for (const piece of pieces) model(piece.text, ids);
      }
      return ids;
    },
  };
}
