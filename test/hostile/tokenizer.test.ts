import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { embeddingRows } from "../../src/backbones/graph/embedding-rows.js";
import { checkPattern } from "../../src/backbones/text/check-pattern.js";
import { checkTokenizer, checkVocabulary } from "../../src/backbones/text/check-tokenizer.js";
import { readModel } from "../../src/onnx/read-model.js";
import { textFiles, textGraph } from "../backbones/tiny-checkpoints.js";

const root = join(import.meta.dirname, "../..");
const sound = textFiles()["tokenizer.json"] as Record<string, unknown>;

/** Patterns of tokenizers in use: GPT-2's, Llama 3's, CLIP's, o200k's, and Mistral's. */
const REAL = [
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+",
  "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  "\\s+",
  " {2,}",
  "[0-9][0-9]?[0-9]?",
];

describe("the expressions of a tokenizer", () => {
  it.each(REAL)("%s is one in use", (source) => {
    const started = performance.now();
    checkPattern(source, "tokenizer.json");
    expect(performance.now() - started).toBeLessThan(400);
  });

  it.each([
    "(a+)+$",
    "(a*)*b",
    "(?:a+|b)*c",
    "([a-z]+)*\\d",
    "((a+)b?)+c",
    "(x+x+)+y",
    "(a{2,})+",
    "(a|(b|c*))+",
    "(?=(\\s*)*x)",
  ])("%s repeats what repeats", (source) => {
    expect(() => checkPattern(source, "a/tokenizer.json")).toThrow(
      expect.objectContaining({
        code: "model",
        message: expect.stringMatching(/^a\/tokenizer\.json: the expression .* repeats/),
      }),
    );
  });

  it.each([
    "\\s*\\s*\\s*\\s*x",
    "(a|a)+b",
    "[ab]*[bc]*[ab]*[bc]*d",
    "(?:\\w|\\d)+-",
  ])("%s is found to be slow", (source) => {
    const started = performance.now();
    expect(() => checkPattern(source, "tokenizer.json")).toThrow(/takes more than 500 ms/);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it("may not be very long", () => {
    expect(() => checkPattern("a".repeat(5000), "tokenizer.json")).toThrow(/has 5000 characters/);
  });
});

describe("a tokenizer.json", () => {
  const check = (change: Record<string, unknown>) => checkTokenizer({ ...sound, ...change }, "t.json");
  const vocab = (words: unknown) => ({ model: { type: "WordLevel", vocab: words, unk_token: "[UNK]" } });
  const replacing = (count: number) => ({
    type: "Sequence",
    normalizers: Array(count).fill({ type: "Replace", pattern: { String: "a" }, content: "aa" }),
  });

  it("of a sound checkpoint passes, and tells its largest id", () => {
    expect(check({})).toBe(5);
    expect(
      check({
        model: {
          type: "Unigram",
          vocab: [
            ["a", 0],
            ["b", -1],
          ],
        },
      }),
    ).toBe(1);
    expect(check({ model: null, added_tokens: undefined })).toBe(-1);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ["an id that is a text", vocab({ a: "1" }), /gives "a" the id "1"/],
    ["a negative id", vocab({ a: -1 }), /gives "a" the id -1/],
    ["half an id", vocab({ a: 0.5 }), /gives "a" the id 0\.5/],
    ["an id beyond all tables", vocab({ a: 2 ** 40 }), /gives "a" the id 1099511627776/],
    [
      "added tokens by the million",
      { added_tokens: Array(1_000_000).fill(null) },
      /1000000 added tokens; the limit is 50000/,
    ],
    ["added tokens that are none", { added_tokens: [{ id: 1 }] }, /has the added token \{"id":1\}/],
    ["added_tokens that are no list", { added_tokens: { id: 1 } }, /no list/],
    [
      "a text that doubles at each step",
      { normalizer: replacing(40) },
      /more than 8 replacements that make a text longer/,
    ],
    [
      "a negative id around texts",
      { post_processor: { type: "RobertaProcessing", cls: ["<s>", -1], sep: ["</s>", 2] } },
      /puts the id -1 around texts/,
    ],
    [
      "an id for unknown words that there is not",
      { model: { type: "Unigram", unk_id: 5, vocab: [["a", 0]] } },
      /gives unknown words the id 5; its largest is 0/,
    ],
    ["a very long token", vocab({ ["a".repeat(2000)]: 1 }), /a token of 2000 characters/],
    [
      "a very long piece",
      { model: { type: "Unigram", vocab: [["a".repeat(2000), 0]] } },
      /a token of 2000 characters/,
    ],
    ["a piece that is none", { model: { type: "Unigram", vocab: [[1, 0]] } }, /has 1 for a token/],
    [
      "words of any length tried",
      { model: { type: "WordPiece", vocab: { a: 0 }, max_input_chars_per_word: 1e9 } },
      /words of up to 1000000000 characters/,
    ],
    [
      "steps without number",
      { pre_tokenizer: { type: "Sequence", pretokenizers: Array(1000).fill({ type: "Digits" }) } },
      /more than 256 steps/,
    ],
    [
      "a very long replacement",
      { normalizer: { type: "Replace", pattern: { String: "a" }, content: "b".repeat(1e6) } },
      /a text of 1000000 characters/,
    ],
    [
      "an expression without end",
      { pre_tokenizer: { type: "Split", pattern: { Regex: "(a+)+b" }, behavior: "Isolated" } },
      /the expression "\(a\+\)\+b" repeats/,
    ],
    [
      "one hidden in a decoder",
      { decoder: { type: "Sequence", decoders: [{ type: "Replace", pattern: { Regex: "(a*)*b" } }] } },
      /the expression/,
    ],
  ])("with %s is refused", (_what, change, message) => {
    const started = performance.now();
    expect(() => check(change)).toThrow(
      expect.objectContaining({
        code: "model",
        message: expect.stringMatching(message),
        hint: expect.any(String),
      }),
    );
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it("whose sentencepiece normaliser puts in a long text is refused", () => {
    const map = Buffer.concat([Buffer.from([4, 0, 0, 0, 0, 0, 0, 0]), Buffer.alloc(1000, 0x61)]);
    const normalizer = { type: "Precompiled", precompiled_charsmap: map.toString("base64") };
    expect(() => check({ normalizer })).toThrow(/puts in a text of 1000 bytes/);
    const short = { ...normalizer, precompiled_charsmap: map.subarray(0, 100).toString("base64") };
    expect(check({ normalizer: short })).toBe(5);
  });

  const real = [join(root, "models/use-lite"), join(root, "../shared/models/all-MiniLM-L6-v2")];
  it.each(real.filter(existsSync))("of %s passes, and fits its graph", (folder) => {
    const json = JSON.parse(readFileSync(join(folder, "tokenizer.json"), "utf8")) as Record<string, unknown>;
    const started = performance.now();
    const largest = checkTokenizer(json, folder);
    expect(performance.now() - started).toBeLessThan(1000);
    const graph = readModel(readFileSync(join(folder, "onnx/model.onnx")), folder);
    const rows = embeddingRows(graph);
    if (folder.endsWith("MiniLM-L6-v2")) expect([largest, rows]).toEqual([30521, 30522]);
    checkVocabulary(largest, rows, folder);
  });
});

describe("a vocabulary that is larger than the table of vectors", () => {
  it("is refused with both numbers", () => {
    expect(embeddingRows(textGraph())).toBe(6);
    checkVocabulary(5, 6, "folder");
    checkVocabulary(7, null, "folder");
    expect(() => checkVocabulary(6, 6, "folder")).toThrow(
      /folder: the tokenizer gives ids up to 6, the graph has vectors for 6/,
    );
  });
});
