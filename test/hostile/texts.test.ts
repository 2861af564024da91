import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cutMarks } from "../../src/backbones/text/combining-marks.js";
import { hfTokenizer } from "../../src/backbones/text/hf-tokenizer.js";
import { nfkc } from "../../src/backbones/text/nfkc.js";
import { charsmap } from "../../src/backbones/text/tokenizer/charsmap.js";
import { tokenEncoder } from "../../src/backbones/text/tokenizer/token-encoder.js";
import { unigramTokenizer } from "../../src/backbones/text/unigram-tokenizer.js";
import { random } from "../../src/core/random.js";

const root = join(import.meta.dirname, "../..");
const json = (path: string) => JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;

/** Texts of `n` UTF-16 units that tokenizers have been slow on, or have failed on. */
const TEXTS: Readonly<Record<string, (n: number) => string>> = {
  "one word": (n) => "a".repeat(n),
  "characters that no vocabulary has": (n) => "\u3402".repeat(n),
  "emoji of several people": (n) => "👩\u200d👩\u200d👧".repeat(n / 8),
  flags: (n) => "🇩🇪".repeat(n / 4),
  "combining marks": (n) => `a${"\u0301".repeat(n - 1)}`,
  "Hangul in parts": (n) => "\u1100\u1161\u11a8".repeat(n / 3),
  "lone surrogates": (n) => "\ud800".repeat(n),
  "both surrogates, the wrong way round": (n) => "\udc00\ud800".repeat(n / 2),
  NUL: (n) => "\0".repeat(n),
  spaces: (n) => " ".repeat(n),
  "special tokens": (n) => "[SEP]<s>".repeat(n / 8),
  "a letter that NFKC makes eighteen of": (n) => "\ufdfa".repeat(n / 18),
  "direction marks": (n) => "\u202e\u200f".repeat(n / 2),
};

const fixtures = join(root, "test/golden/families-text/fixtures");
const FAMILIES = ["bert", "roberta", "xlm-roberta", "albert", "siglip"].filter((name) =>
  existsSync(join(fixtures, name, "tokenizer.json")),
);

describe.each(FAMILIES)("texts made to be slow, for the tokenizer of %s", (family) => {
  const tokenizer = hfTokenizer(
    json(join(fixtures, family, "tokenizer.json")),
    json(join(fixtures, family, "tokenizer_config.json")),
  );

  it.each(Object.entries(TEXTS))("%s", async (_name, make) => {
    const { encode } = await tokenizer;
    const text = make(40_000);
    const started = performance.now();
    const { ids } = encode(text, 64, "right");
    // Where time was quadratic, it came to ten seconds and more.
    expect(performance.now() - started).toBeLessThan(2000);
    expect(ids.length).toBeLessThanOrEqual(64);
    for (const id of ids) expect(Number.isInteger(id) && id >= 0).toBe(true);
  });
});

describe("texts made to be slow, for the tokenizer of use-lite", () => {
  const { encode } = unigramTokenizer(json(join(root, "models/use-lite/tokenizer.json")));
  it.each(Object.entries(TEXTS))("%s", (_name, make) => {
    const started = performance.now();
    expect(encode(make(40_000)).length).toBeGreaterThan(0);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe("sentencepiece's normaliser", () => {
  it("cuts a long text where it would cut it as a whole", () => {
    const steps = (
      json(join(fixtures, "xlm-roberta/tokenizer.json")).normalizer as { normalizers?: unknown[] }
    ).normalizers;
    const found = (steps ?? []).find((step) => (step as { type: string }).type === "Precompiled");
    const normalize = charsmap((found as { precompiled_charsmap: string }).precompiled_charsmap);
    const units = [
      "👩\u200d👩\u200d👧",
      "🇩🇪",
      "e\u0301",
      "\u1100\u1161\u11a8",
      "ﬁ",
      "\r\n",
      "x",
      "\ufdfa",
      "नि",
    ];
    const generator = random(3);
    for (let round = 0; round < 20; round++) {
      const text = Array.from({ length: 1500 }, () => units[generator.integer(units.length)]).join("");
      const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" }).segment(text);
      expect(normalize(text)).toBe(Array.from(graphemes, ({ segment }) => normalize(segment)).join(""));
    }
  });
});

describe("a text of a million tokens", () => {
  const parts = { normalizer: null, pre_tokenizer: null, post_processor: null };

  it("is put together whether its tokens are added ones or bytes", () => {
    const sep = { id: 0, content: "[SEP]", normalized: true };
    const words = { type: "WordLevel", unk_token: "u", vocab: { u: 1 } };
    const added = tokenEncoder({ ...parts, added_tokens: [sep], model: words });
    expect(added.encode("[SEP]".repeat(300_000)).length).toBe(300_000);
    const bytes = Array.from({ length: 256 }, (_, byte) => [
      `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
      0,
    ]);
    const vocab = [["<unk>", 0], ["a", -1], ...bytes];
    const spelled = tokenEncoder({
      ...parts,
      added_tokens: [],
      model: { type: "Unigram", unk_id: 0, byte_fallback: true, vocab },
    });
    expect(spelled.encode(`a${"一".repeat(200_000)}a`)).toEqual([
      1,
      ...Array.from({ length: 600_000 }, (_, i) => 2 + [0xe4, 0xb8, 0x80][i % 3]!),
      1,
    ]);
  });
});

describe("runs of combining marks", () => {
  it("of any length take no stack", () => {
    const marks = "\u0301".repeat(8_000_000);
    expect(cutMarks(`a${marks}b`)).toBe(`a${"\u0301".repeat(256)}b`);
    expect(nfkc(`a${marks}`).length).toBe(marks.length);
  });

  it("are cut each by itself, other text not at all", () => {
    const run = (length: number) => "\u0300".repeat(length);
    const text = `${run(300)}x${run(256)}y${run(5000)}z${"🇩".repeat(200)}`;
    expect(cutMarks(text)).toBe(`${run(256)}x${run(256)}y${run(256)}z${"🇩".repeat(200)}`);
    const pairs = "\u{1e8d0}".repeat(5000);
    expect(cutMarks(`${pairs}!`)).toBe(`${"\u{1e8d0}".repeat(128)}!`);
  });
});
