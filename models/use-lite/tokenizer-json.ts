/** Entries at the head of the vocabulary that never come from text: unknown, controls, reserved. */
const RESERVED = 6;

/**
 * The vocabulary in the layout of Hugging Face's `tokenizer.json`, type `Unigram`. Two fields say where the original
 * departs from SentencePiece: an unknown character costs `unk_score` (there, a penalty below every piece), and ids under
 * `reserved` match no text. A piece without a score in the source has 0, which is what the original adds for it.
 * @param vocabulary - `vocab.json` of the package: `[piece, score or null]` by id.
 */
export function useLiteTokenizerJson(vocabulary: readonly (readonly [string, number | null])[]): unknown {
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: { type: "NFKC" },
    pre_tokenizer: { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: false },
    post_processor: null,
    decoder: { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: false },
    model: {
      type: "Unigram",
      unk_id: 0,
      unk_score: 0,
      fuse_unk: true,
      reserved: RESERVED,
      byte_fallback: false,
      vocab: vocabulary.map(([piece, score]) => [piece, score ?? 0]),
    },
  };
}
