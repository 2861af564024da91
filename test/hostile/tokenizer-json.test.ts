import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { checkTokenizer } from "../../src/backbones/text/check-tokenizer.js";
import { hfTokenizer } from "../../src/backbones/text/hf-tokenizer.js";
import { HeadstartError } from "../../src/core/errors.js";
import { type Random, random } from "../../src/core/random.js";

const fixtures = join(import.meta.dirname, "../golden/families-text/fixtures");
const FAMILIES = ["bert", "roberta", "albert", "clip", "llama"].filter((name) =>
  existsSync(join(fixtures, name, "tokenizer.json")),
);
const TEXT = "The room\u0301 wasn't cold: \u00c9t\u00e9 \u4e00 \ud83d\ude00 [SEP]<s> \ud800 1234\r\n";
const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  "",
  "a",
  "\ud800",
  "__proto__",
  [],
  {},
  [null],
  [[]],
  ["a", 1],
];
const TYPES = [
  "Sequence",
  "BertNormalizer",
  "NFKC",
  "Replace",
  "ByteLevel",
  "Metaspace",
  "Split",
  "BPE",
  "Unigram",
  "WordPiece",
  "TemplateProcessing",
];
const ROUNDS = Number(process.env.TOKENIZER_ROUNDS ?? 150);

/** The same JSON with one to three of its values changed for odd ones, removed, or moved. */
function changed(json: unknown, generator: Random): unknown {
  const copy = structuredClone(json) as object;
  for (let i = 1 + generator.integer(3); i > 0; i--) {
    let holder = copy as Record<string, unknown>;
    for (;;) {
      const keys = Object.keys(holder);
      const key = keys[generator.integer(keys.length)];
      if (key === undefined) break;
      const value = holder[key];
      if (
        typeof value === "object" &&
        value !== null &&
        Object.keys(value).length > 0 &&
        generator.next() < 0.8
      ) {
        holder = value as Record<string, unknown>;
        continue;
      }
      const kind = generator.integer(4);
      if (kind === 0) delete holder[key];
      else if (kind === 1) holder[key] = structuredClone(copy[keys[0] as keyof typeof copy] ?? null);
      else if (key === "type") holder[key] = TYPES[generator.integer(TYPES.length)];
      else holder[key] = structuredClone(VALUES[generator.integer(VALUES.length)]);
      break;
    }
  }
  return copy;
}

// Transformers.js, which reads what is not understood here, writes of it to the terminal.
vi.spyOn(console, "warn").mockImplementation(() => undefined);

describe.each(FAMILIES)("tokenizer.json of %s, damaged", (family) => {
  const json = JSON.parse(readFileSync(join(fixtures, family, "tokenizer.json"), "utf8")) as unknown;

  it("gives token ids or a named error, and soon", async () => {
    const generator = random(9);
    let read = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const damaged = changed(json, generator) as Record<string, unknown>;
      const started = performance.now();
      try {
        checkTokenizer(damaged, "tokenizer.json");
        const { encode } = await hfTokenizer(damaged, {});
        const { ids } = encode(TEXT, 64, "right");
        expect(ids.every((id) => id >= 0)).toBe(true);
        read++;
      } catch (error) {
        if (!(error instanceof HeadstartError)) {
          throw new Error(`round ${round}: ${JSON.stringify(damaged).slice(0, 2000)}`, { cause: error });
        }
      }
      expect(performance.now() - started).toBeLessThan(2000);
    }
    expect(read).toBeGreaterThan(ROUNDS / 10);
  });
});
