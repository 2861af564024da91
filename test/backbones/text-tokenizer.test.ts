import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { heedSettings } from "../../src/backbones/text/heed-settings.js";
import { hfTokenizer } from "../../src/backbones/text/hf-tokenizer.js";
import { libraryEncoder } from "../../src/backbones/text/library-encoder.js";
import { normalizerOf } from "../../src/backbones/text/tokenizer/normalizer.js";
import { preTokenizerOf } from "../../src/backbones/text/tokenizer/pre-tokenizer.js";
import { tokenEncoder } from "../../src/backbones/text/tokenizer/token-encoder.js";
import { FIXTURES, readFixture, TEXTS } from "./text-fixtures.js";

type Json = Record<string, unknown>;

const parts = readFixture<Record<string, { json: Json; ids: number[][] }>>("parts.json");

describe("parts of tokenizer.json, against the `tokenizers` library", () => {
  it.each(Object.keys(parts))("%s", (name) => {
    const { json, ids } = parts[name]!;
    const { encode, frame } = tokenEncoder(json);
    for (const [i, text] of TEXTS.entries())
      expect([...frame.before, ...encode(text), ...frame.after], JSON.stringify(text)).toEqual(ids[i]);
  });
});

describe("characters whose kind has changed since the library's tables were made", () => {
  // From tokenizers 0.23.3: BertNormalizer().normalize_str, BertPreTokenizer().pre_tokenize_str.
  it.each([
    ["a\u2e43b", ["a\u2e43b"]],
    ["a\u166db", ["a", "\u166d", "b"]],
    ["a\u1abfb", ["a\u1abfb"]],
    ["a\u1734b", ["ab"]],
    ["a\u0890b", ["a\u0890b"]],
    ["a\u0600b\u2e2ec", ["ab", "\u2e2e", "c"]],
  ])("%j is cut as there", (text, pieces) => {
    const normal = normalizerOf({ type: "BertNormalizer", lowercase: true })!(text);
    const cut = preTokenizerOf({ type: "BertPreTokenizer" })!([{ text: normal, first: true }]);
    expect(cut.map((piece) => piece.text)).toEqual(pieces);
  });
});

const kinds = ["bert", "roberta", "gpt2", "qwen2"];
const words = fc.constantFrom(
  "the",
  "Quick",
  "naïve",
  "東京",
  "don't",
  "[SEP]",
  "</s>",
  "12345",
  "e\u0301",
  "🍕",
  "é",
);
const gap = fc.constantFrom(" ", "", "  ", "\n", "\t ", ", ", "...", "-");
const writing = fc
  .array(fc.tuple(fc.oneof(words, fc.string({ unit: "grapheme-ascii", maxLength: 8 })), gap), {
    maxLength: 12,
  })
  .map((list) => list.flat().join(""));

describe("any text", () => {
  it.each(kinds)("%s: gives the ids that Transformers.js gives", async (name) => {
    const json = readFixture<Json>(name, "tokenizer.json");
    const { encode } = tokenEncoder(json);
    const library = await libraryEncoder(json, readFixture<Json>(name, "tokenizer_config.json"));
    fc.assert(
      fc.property(writing, (text) => {
        expect(encode(text)).toEqual(library.encode(text));
      }),
      { numRuns: 200, seed: 4 },
    );
  });

  const all = readdirSync(FIXTURES).filter((name) => existsSync(join(FIXTURES, name, "tokenizer.json")));
  it("of any code units is tokenised, a lone surrogate as U+FFFD, within the limit, with its frame kept", async () => {
    for (const name of all) {
      const tokenizer = await hfTokenizer(readFixture<Json>(name, "tokenizer.json"), {});
      const empty = tokenizer.encode("", 100, "right").ids.length;
      const unit = fc.oneof(
        fc.constantFrom(0xd800, 0xdfff, 0xd83c, 0xdf55),
        fc.integer({ min: 0, max: 0xffff }),
      );
      fc.assert(
        fc.property(fc.array(unit, { maxLength: 30 }), fc.constantFrom("left", "right"), (units, side) => {
          const text = String.fromCharCode(...units);
          const { ids } = tokenizer.encode(text, 100_000, side as "left" | "right");
          const mended = text.replace(/\p{Cs}/gu, "\ufffd");
          expect([...tokenizer.encode(mended, 100_000, "right").ids]).toEqual([...ids]);
          const cut = tokenizer.encode(text, empty + 3, side as "left" | "right");
          expect(cut.ids.length).toBe(Math.min(ids.length, empty + 3));
          expect(cut.truncated).toBe(ids.length > empty + 3);
          expect(Math.min(...ids, 0)).toBe(0);
        }),
        { numRuns: 25, seed: 5 },
      );
    }
  });
});

describe("too long a text", () => {
  it("loses its beginning where the checkpoint truncates on the left, and keeps its special tokens", async () => {
    const tokenizer = await hfTokenizer(readFixture<Json>("bert", "tokenizer.json"), {});
    const words = "the quick brown fox";
    const whole = [...tokenizer.encode(words, 100, "right").ids];
    const left = tokenizer.encode(words, whole.length - 1, "left");
    expect([...left.ids]).toEqual([whole[0], ...whole.slice(2)]);
    expect(left.truncated).toBe(true);
    const long = `${"x ".repeat(200_000)}${words}`;
    expect([...tokenizer.encode(long, whole.length, "left").ids]).toEqual(whole);
  });

  it("of white space is read to its end", async () => {
    const tokenizer = await hfTokenizer(readFixture<Json>("bert", "tokenizer.json"), {});
    const { ids, truncated } = tokenizer.encode(`${" ".repeat(100_000)}fox`, 16, "right");
    expect([...ids]).toEqual([...tokenizer.encode("fox", 16, "right").ids]);
    expect(truncated).toBe(false);
  });
});

describe("tokenizer_config.json beside tokenizer.json", () => {
  const encode = async (name: string, settings: Json, text: string): Promise<number[]> => {
    const { json } = heedSettings(readFixture<Json>(name, "tokenizer.json"), settings);
    return [...(await hfTokenizer(json, settings)).encode(text, 100, "right").ids];
  };

  // What transformers 5.23 does: the class makes its normaliser or pre-tokenizer from the settings.
  it("decides on lower case and accents of BERT's classes, and on the space before a byte-level text", async () => {
    const plain = await encode("bert", {}, "The fox");
    const bert = { tokenizer_class: "BertTokenizer" };
    expect(await encode("bert", bert, "The fox")).toEqual(plain);
    expect(await encode("bert", { ...bert, do_lower_case: false }, "The fox")).not.toEqual(plain);
    expect(await encode("bert", { ...bert, do_lower_case: false }, "the fox")).toEqual(plain);
    const generic = { tokenizer_class: "PreTrainedTokenizerFast", do_lower_case: false };
    expect(await encode("bert", generic, "The fox")).toEqual(plain);
    const roberta = { tokenizer_class: "RobertaTokenizer", add_prefix_space: true };
    expect(await encode("roberta", roberta, "quick fox")).toEqual(await encode("roberta", {}, " quick fox"));
  });

  it("is told in the fingerprint only where it changes something", () => {
    const json = readFixture<Json>("bert", "tokenizer.json");
    expect(heedSettings(json, { tokenizer_class: "BertTokenizer", do_lower_case: true }).changed).toEqual({});
    expect(heedSettings(json, { tokenizer_class: "BertTokenizer", strip_accents: false }).changed).toEqual({
      strip_accents: false,
    });
  });
});
