import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nfkc } from "../src/backbones/text/nfkc.js";
import { unigramTokenizer } from "../src/backbones/text/unigram-tokenizer.js";
import { packageRoot } from "../src/core/package-root.js";

const read = (path: string): unknown => JSON.parse(readFileSync(join(packageRoot(), path), "utf8"));
const useLite = read("models/use-lite/tokenizer.json") as { model: { vocab: [string, number][] } };
const golden = read("test/golden/embedded/fixtures/use-lite.json") as { text: string; ids: number[] }[];
const tokenizer = unigramTokenizer(useLite);

function withVocabulary(vocab: readonly (readonly [string, number])[], reserved = 1): unknown {
  return { ...useLite, model: { ...useLite.model, reserved, vocab } };
}

describe("the tokenizer of use-lite", () => {
  it.each(golden)("equals the original on $text", ({ text, ids }) => {
    expect([...tokenizer.encode(text)]).toEqual(ids);
  });

  it("gives back all of a text whose characters it knows", () => {
    const known = fc.string({
      unit: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyzABC,.!?'12 "),
      maxLength: 60,
    });
    fc.assert(
      fc.property(known, (text) => {
        const joined = [...tokenizer.encode(text)].map((id) => useLite.model.vocab[id]![0]).join("");
        expect(joined).toBe(text === "" ? "" : `▁${text.replaceAll(" ", "▁")}`);
      }),
    );
  });

  it("never gives a reserved id, and no two unknown ones side by side, for any string", () => {
    const anything = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), fc.string());
    const halves = fc.array(
      fc.integer({ min: 0xd7f0, max: 0xe010 }).map((unit) => String.fromCharCode(unit)),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          anything,
          halves.map((units) => units.join("")),
        ),
        (text) => {
          const ids = [...tokenizer.encode(text)];
          expect(ids.filter((id) => id >= 1 && id <= 5)).toEqual([]);
          expect(ids.some((id, i) => id === 0 && ids[i + 1] === 0)).toBe(false);
          expect(ids.length === 0).toBe(text === "");
        },
      ),
    );
  });

  it.each([
    ["words", "hello world, ".repeat(80_000)],
    ["one letter", "a".repeat(1_000_000)],
    ["unknown characters", "😀".repeat(500_000)],
    ["lone surrogates", "\ud800".repeat(1_000_000)],
    ["combining marks of alternating classes", `a${"\u0301\u0316".repeat(500_000)}`],
  ])("reads 1 MB of %s in time linear in its length", (_name, text) => {
    const start = performance.now();
    expect(tokenizer.encode(text).length).toBeGreaterThan(0);
    expect(performance.now() - start).toBeLessThan(3_000); // measured: 150 and below; a quadratic one takes minutes
  });
});

describe("unigramTokenizer", () => {
  it("finds the best of all splits", () => {
    const letters = ["▁", "a", "b"];
    const pieces = fc.uniqueArray(
      fc.string({ unit: fc.constantFrom(...letters), minLength: 2, maxLength: 4 }),
      {
        maxLength: 8,
      },
    );
    const score = fc.integer({ min: -200, max: -1 }).map((tenths) => tenths / 10);
    const vocabularies = pieces.chain((longer) => {
      const all = [...letters, ...longer];
      return fc.tuple(...all.map((piece) => score.map((value) => [piece, value] as const)));
    });
    fc.assert(
      fc.property(
        vocabularies,
        fc.string({ unit: fc.constantFrom("a", "b", " "), maxLength: 9 }),
        (vocab, text) => {
          const scores = new Map(vocab);
          const best = (rest: string): number =>
            rest === ""
              ? 0
              : Math.max(
                  ...vocab
                    .filter(([p]) => rest.startsWith(p))
                    .map(([p, s]) => s + best(rest.slice(p.length))),
                );
          const ids = unigramTokenizer(withVocabulary([["<unk>", 0], ...vocab])).encode(text);
          const total = [...ids].reduce((sum, id) => sum + scores.get(vocab[id - 1]![0])!, 0);
          expect(total).toBeCloseTo(text === "" ? 0 : best(`▁${text.replaceAll(" ", "▁")}`), 9);
        },
      ),
    );
  });

  it("breaks ties towards the shorter last piece, and takes the last of equal pieces", () => {
    const vocab = [
      ["<unk>", 0],
      ["▁", -1],
      ["a", -1],
      ["b", -1],
      ["ab", -2],
      ["b", -1],
    ] as const;
    expect([...unigramTokenizer(withVocabulary(vocab)).encode("ab")]).toEqual([1, 2, 5]);
  });

  it("names the field of a tokenizer.json that it does not understand", () => {
    expect(() => unigramTokenizer({ ...useLite, normalizer: { type: "Precompiled" } })).toThrow(
      /normalizer\.type/,
    );
    expect(() => unigramTokenizer(withVocabulary([]))).toThrow(/model\.vocab/);
    expect(() => unigramTokenizer(null)).toThrow(/tokenizer\.json/);
  });
});

describe("nfkc", () => {
  it("equals String.prototype.normalize where no run of marks is longer than 256", () => {
    const marks = fc.string({
      unit: fc.constantFrom("a", "e", "\u0301", "\u0316", "ﬁ", "\u3099", "か"),
      maxLength: 250,
    });
    fc.assert(
      fc.property(fc.array(fc.oneof(marks, fc.string({ unit: "grapheme" })), { maxLength: 6 }), (parts) => {
        const text = parts.join("x");
        expect(nfkc(text)).toBe(text.normalize("NFKC"));
      }),
    );
  });

  it("cuts longer runs into blocks of 256, never through a character", () => {
    const mark = "\u{1e8d0}";
    const text = `${mark.repeat(400)}b`;
    expect([...nfkc(text)]).toEqual([...text]);
    expect(nfkc(`a${"\u0301".repeat(600)}`)).toHaveLength(600);
  });
});
