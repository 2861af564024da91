import { receivedError, type SentError, sentError } from "../../core/sent-error.js";
import type { TextPreprocessor } from "../backbone.js";

/** Token ids of texts, packed so that threads hand them over without copying. */
export interface PackedTokens {
  /** The ids of all texts, one after the other. */
  readonly ids: Int32Array;
  /** Of each text; 0 where it could not be tokenised. */
  readonly lengths: Int32Array;
  /** 1 where a text was longer than the model takes. */
  readonly truncated: Uint8Array;
  /** Texts that could not be tokenised, by their place. */
  readonly errors: readonly { readonly text: number; readonly error: SentError }[];
}

/** What a text became, or why it could not be tokenised. */
export type Tokens = { readonly ids: Int32Array; readonly truncated: boolean } | { readonly fault: unknown };

/** Tokenises one text. */
export function tokensOf(preprocessor: TextPreprocessor, text: string): Tokens {
  try {
    return preprocessor.encode(text);
  } catch (fault) {
    return { fault };
  }
}

/** Packs what texts became. */
export function packTokens(texts: readonly Tokens[]): PackedTokens {
  const lengths = Int32Array.from(texts, (text) => ("ids" in text ? text.ids.length : 0));
  const ids = new Int32Array(lengths.reduce((sum, length) => sum + length, 0));
  const truncated = new Uint8Array(texts.length);
  const errors: { text: number; error: SentError }[] = [];
  let at = 0;
  texts.forEach((text, i) => {
    if ("fault" in text) {
      errors.push({ text: i, error: sentError(text.fault) });
      return;
    }
    ids.set(text.ids, at);
    at += text.ids.length;
    truncated[i] = text.truncated ? 1 : 0;
  });
  return { ids, lengths, truncated, errors };
}

/** What the texts of a packed batch became; the ids are views of it. */
export function unpackTokens({ ids, lengths, truncated, errors }: PackedTokens): Tokens[] {
  const failed = new Map(errors.map(({ text, error }) => [text, error]));
  let at = 0;
  return Array.from(lengths, (length, i) => {
    const error = failed.get(i);
    if (error !== undefined) return { fault: receivedError(error) };
    at += length;
    return { ids: ids.subarray(at - length, at), truncated: truncated[i] === 1 };
  });
}
