type Json = Readonly<Record<string, unknown>>;

/** Classes that make BERT's normaliser anew from their settings: what these leave out is the class's default. */
const OWN_NORMALIZER =
  /^(?:Bert|DistilBert|Electra|MPNet|MobileBert|ConvBert|Funnel|LayoutLM|Lxmert|SqueezeBert)/;
/** The same of the byte-level pre-tokenizer. */
const OWN_BYTES = /^(?:Roberta|GPT2|Bart|Longformer|LED|Deberta|Blenderbot)Tokenizer/;

/**
 * What `tokenizer_config.json` says in place of `tokenizer.json`, as `transformers` heeds it: BERT's lower case, accents and
 * ideographs, and whether byte-level tokenizers put a space before the text.
 * @returns the `tokenizer.json` that is meant, and what of it is another; an empty object where they agree.
 */
export function heedSettings(json: Json, settings: Json): { readonly json: Json; readonly changed: Json } {
  const normalizer = json.normalizer as Json | null | undefined;
  const preTokenizer = json.pre_tokenizer as Json | null | undefined;
  if (normalizer?.type === "BertNormalizer" && OWN_NORMALIZER.test(String(settings.tokenizer_class))) {
    const said = {
      lowercase: booleanOr(settings.do_lower_case, true),
      strip_accents: booleanOr(settings.strip_accents, null),
      handle_chinese_chars: booleanOr(settings.tokenize_chinese_chars, true),
    };
    const changed = differing(said, normalizer);
    return { json: { ...json, normalizer: { ...normalizer, ...said } }, changed };
  }
  if (preTokenizer?.type === "ByteLevel" && OWN_BYTES.test(String(settings.tokenizer_class))) {
    const said = { add_prefix_space: booleanOr(settings.add_prefix_space, false) };
    const changed = differing(said, preTokenizer);
    return { json: { ...json, pre_tokenizer: { ...preTokenizer, ...said } }, changed };
  }
  return { json, changed: {} };
}

const booleanOr = (value: unknown, other: unknown): unknown => (typeof value === "boolean" ? value : other);

const differing = (said: Json, before: Json): Json =>
  Object.fromEntries(Object.entries(said).filter(([key, value]) => value !== before[key]));
