import { describe, expect, it } from "vitest";
import { resolveBackbone } from "../../src/backbones/resolve-backbone.js";
import {
  checkpointOfFixture,
  cosine,
  encodeBoth,
  FIXTURES,
  type Golden,
  namesIn,
  readFixture,
  TEXTS,
} from "./text-fixtures.js";

const families = namesIn().filter((name) => !name.startsWith("sentence-") && name !== "tokenizers");

describe("text families, against `transformers`", () => {
  it("are all there", () => {
    expect(FIXTURES).toBeTruthy();
    expect(families.length).toBeGreaterThanOrEqual(19);
  });

  it.each(families)("%s: token ids are equal, vectors agree, together and alone", async (name) => {
    const golden = readFixture<Golden>(name, "golden.json");
    const backbone = await resolveBackbone(checkpointOfFixture(name));
    const { ids, truncated, together, alone } = await encodeBoth(backbone, TEXTS);
    for (const [i, text] of TEXTS.entries()) {
      expect([...ids[i]!], JSON.stringify(text)).toEqual(golden.ids[i]);
      expect(truncated[i], JSON.stringify(text)).toBe(golden.truncated[i]);
    }
    expect(backbone.preprocessor).toMatchObject({ maxTokens: golden.limit });
    for (const [i, expected] of golden.vectors.entries()) {
      for (const vector of [together[i]!, alone[i]!]) {
        if (expected === null) expect([...vector].every((value) => value === 0)).toBe(true);
        else expect(1 - cosine(vector, expected), JSON.stringify(TEXTS[i])).toBeLessThan(1e-5);
      }
    }
  });
});
