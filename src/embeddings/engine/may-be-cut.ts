import type { TextPreprocessor } from "../../backbones/backbone.js";
import { tokensOf } from "../../backbones/preprocess/tokenised.js";

/**
 * Tells, without tokenising it, whether a text could be longer than the model takes: a token stands for at least one
 * character, or one byte of its decomposed form. Short texts, which are most, are spared being tokenised only to be counted.
 */
export function mayBeCut(preprocessor: TextPreprocessor): (text: string) => boolean {
  const { maxTokens } = preprocessor;
  // The special tokens and the prompt.
  let room: number | null = null;
  const roomFor = (): number => {
    const frame = tokensOf(preprocessor, "");
    return "fault" in frame ? 0 : maxTokens - frame.ids.length;
  };
  return (text) => {
    room ??= roomFor();
    if (text.length + 1 > room) return true;
    // As many bytes as characters: all of it is ASCII.
    if (Buffer.byteLength(text) === text.length) return false;
    // Twice: a letter may become longer in lower case.
    return 2 * Buffer.byteLength(text.normalize("NFKD")) > room;
  };
}
