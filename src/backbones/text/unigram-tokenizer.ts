import { z } from "zod";
import { HeadstartError } from "../../core/errors.js";
import { nfkc } from "./nfkc.js";
import { unigramTrie } from "./unigram-trie.js";

/** The parts of `tokenizer.json` that are read. */
const schema = z.object({
  normalizer: z.object({ type: z.literal("NFKC") }),
  pre_tokenizer: z.object({
    type: z.literal("Metaspace"),
    replacement: z.string().length(1),
    prepend_scheme: z.literal("always"),
  }),
  model: z.object({
    type: z.literal("Unigram"),
    unk_id: z.number().int().nonnegative(),
    unk_score: z.number(),
    fuse_unk: z.literal(true),
    reserved: z.number().int().nonnegative(),
    vocab: z.array(z.tuple([z.string(), z.number()])).min(1),
  }),
});

export interface UnigramTokenizer {
  /** Ids of the most likely split of `text` into pieces, none for an empty text; no special tokens, not cut. */
  encode(text: string): Int32Array;
}

/**
 * A SentencePiece unigram tokenizer as the Universal Sentence Encoder uses it: NFKC, a `▁` before the text and for each
 * space, then the path of pieces with the highest summed score. Of equal paths the one that ends in the shorter piece
 * wins. A character from which no piece starts is unknown; unknown neighbours merge into one.
 * Time is linear in the text's length (times the longest piece).
 * @param tokenizerJson - parsed `tokenizer.json` with `model.type` "Unigram", `unk_score` and `reserved`.
 * @throws {HeadstartError} `model` naming the field that is missing or not understood.
 * @see Kudo, "Subword Regularization", 2018.
 */
export function unigramTokenizer(tokenizerJson: unknown): UnigramTokenizer {
  const parsed = schema.safeParse(tokenizerJson);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new HeadstartError("model", `tokenizer.json: ${issue.path.join(".")}: ${issue.message}`, {
      facts: { path: issue.path },
      hint: "Only the unigram tokenizer of use-lite is read this way; build it again with: npm run models",
    });
  }
  const { model, pre_tokenizer } = parsed.data;
  const pieces = model.vocab.map(([piece]) => piece);
  const lengths = Int32Array.from(pieces, (piece) => [...piece].length);
  lengths[model.unk_id] = 1;
  const scores = Float64Array.from(model.vocab, ([, score]) => score);
  const trie = unigramTrie(pieces, model.reserved);
  const separator = pre_tokenizer.replacement;

  return {
    encode(text) {
      if (text.length === 0) return new Int32Array(0);
      const symbols = trie.classes(separator + nfkc(text).replaceAll(" ", separator));
      const last = bestPieces(symbols, model.unk_id, model.unk_score);
      return readBack(last, lengths, model.unk_id);
    },
  };

  /** For each end in the text, the id of the piece that the best path to it ends with. */
  function bestPieces(symbols: Int32Array, unknown: number, unknownScore: number): Int32Array {
    const best = new Float64Array(symbols.length + 1);
    const last = new Int32Array(symbols.length + 1).fill(unknown);
    const offer = (end: number, score: number, id: number): void => {
      // As in the original, 0 stands for "not reached", so a path of score 0 gives way to any other.
      if (best[end] !== 0 && score < best[end]!) return;
      best[end] = score;
      last[end] = id;
    };
    for (let start = 0; start < symbols.length; start++) {
      const before = best[start]!;
      let matched = false;
      let node = 0;
      for (let at = start; at < symbols.length; at++) {
        node = trie.step(node, symbols[at]!);
        if (node === 0) break;
        const id = trie.pieceAt(node);
        if (id < 0) continue;
        matched = true;
        offer(at + 1, before + scores[id]!, id);
      }
      if (!matched) offer(start + 1, before + unknownScore, unknown);
    }
    return last;
  }
}

/** Walks the chosen pieces from the end of the text to its start, one id for each run of unknown ones. */
function readBack(last: Int32Array, lengths: Int32Array, unknown: number): Int32Array {
  const ids = new Int32Array(last.length);
  let first = ids.length;
  for (let end = last.length - 1; end > 0; ) {
    const id = last[end]!;
    if (id !== unknown || first === ids.length || ids[first] !== unknown) ids[--first] = id;
    end -= lengths[id]!;
  }
  return ids.slice(first);
}
