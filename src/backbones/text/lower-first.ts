type Json = Readonly<Record<string, unknown>>;

/**
 * A `tokenizer.json` that puts texts, but not the special tokens in them, in lower case before its own normaliser: what
 * sentence-transformers makes of `do_lower_case`. One that does so already stays as it is.
 */
export function lowerFirst(json: Json): Json {
  const own = (json.normalizer ?? null) as Json | null;
  if (lowers(own)) return json;
  const steps = own === null ? [] : own.type === "Sequence" ? (own.normalizers as Json[]) : [own];
  return { ...json, normalizer: { type: "Sequence", normalizers: [{ type: "Lowercase" }, ...steps] } };
}

function lowers(normalizer: Json | null): boolean {
  if (normalizer === null) return false;
  const { type, normalizers, lowercase } = normalizer;
  if (type === "Sequence") return (normalizers as Json[]).some(lowers);
  return type === "Lowercase" || (type === "BertNormalizer" && lowercase !== false);
}
