import { HeadstartError } from "../../core/errors.js";
import { cutMarks } from "./combining-marks.js";
import { libraryEncoder } from "./library-encoder.js";
import { wellFormed } from "./tokenizer/characters.js";
import { NotUnderstood } from "./tokenizer/not-understood.js";
import { type TokenEncoder, tokenEncoder } from "./tokenizer/token-encoder.js";
import type { Tokenizer } from "./tokenizer-type.js";

/** So many characters a token are read at first: nearly no text needs more. */
const CHARACTERS_PER_TOKEN = 64;

/**
 * A Hugging Face `tokenizer.json`: token ids as the `tokenizers` library gives them. Kinds that `tokenEncoder` does not
 * know are run by Transformers.js. Too long a text loses tokens from its end (or beginning) and keeps its special
 * tokens. Of a run of combining marks 256 count; a lone surrogate counts as U+FFFD.
 * @throws {HeadstartError} `model` if the tokenizer is not understood.
 */
export async function hfTokenizer(
  tokenizerJson: Readonly<Record<string, unknown>>,
  settings: Readonly<Record<string, unknown>>,
): Promise<Tokenizer> {
  const encoder = await encoderOf(tokenizerJson, settings);
  const { before, after } = encoder.frame;
  const framed = (ids: ArrayLike<number>): Int32Array => {
    const out = new Int32Array(before.length + ids.length + after.length);
    out.set(before);
    out.set(ids, before.length);
    out.set(after, before.length + ids.length);
    return out;
  };
  const vocabulary = new Map(
    ((tokenizerJson.added_tokens ?? []) as { content: string; id: number }[]).map(({ content, id }) => [
      content,
      id,
    ]),
  );
  return {
    threadable: encoder.threadable,
    idOf: (token) => vocabulary.get(token) ?? encoder.idOf(token) ?? null,
    lead: (text, maxTokens) =>
      Math.min(maxTokens, before.length + encoder.encode(wellFormed(cutMarks(text))).length),
    encode(text, maxTokens, side) {
      const room = Math.max(0, maxTokens - before.length - after.length);
      const longest = maxTokens * CHARACTERS_PER_TOKEN;
      let ids: readonly number[] = [];
      let short = text.length > longest;
      if (short) {
        ids = encoder.encode(prepared(side === "left" ? text.slice(-longest) : text.slice(0, longest)));
        // Its last word may be cut: it must not be among those that are kept.
        short = ids.length > room + CHARACTERS_PER_TOKEN;
      }
      if (!short) ids = encoder.encode(prepared(text));
      if (ids.length <= room) return { ids: framed(ids), truncated: false };
      return {
        ids: framed(side === "left" ? ids.slice(ids.length - room) : ids.slice(0, room)),
        truncated: true,
      };
    },
  };
}

const prepared = (text: string): string => wellFormed(cutMarks(text));

/** A tokenizer without a limit. */
interface Encoder extends TokenEncoder {
  readonly threadable: boolean;
  idOf(token: string): number | undefined;
}

async function encoderOf(
  json: Readonly<Record<string, unknown>>,
  settings: Readonly<Record<string, unknown>>,
): Promise<Encoder> {
  // XLM's conversions want this done first, which no part of tokenizer.json says.
  const special = settings.do_lowercase_and_remove_accent === true;
  try {
    if (!special) return { ...tokenEncoder(json), threadable: true, idOf: idIn(json) };
  } catch (error) {
    if (!(error instanceof NotUnderstood)) {
      throw new HeadstartError("model", "tokenizer.json is damaged", { cause: error, hint: SAVE });
    }
  }
  return { ...(await libraryEncoder(json, settings)), threadable: false };
}

const SAVE = "Save it with a fast tokenizer of `transformers` (save_pretrained).";

/** Looks a token up in the vocabulary of any model. */
function idIn(json: Readonly<Record<string, unknown>>): (token: string) => number | undefined {
  const { vocab } = json.model as { vocab: Record<string, number> | [string, number][] };
  return (token) => {
    if (!Array.isArray(vocab)) return Object.hasOwn(vocab, token) ? vocab[token] : undefined;
    const id = vocab.findIndex(([piece]) => piece === token);
    return id < 0 ? undefined : id;
  };
}
