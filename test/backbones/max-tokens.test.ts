import { describe, expect, it } from "vitest";
import { resolveBackbone } from "../../src/backbones/resolve-backbone.js";
import { resolveRecorded } from "../../src/backbones/resolve-recorded.js";
import { checkpointOfFixture } from "./text-fixtures.js";
import { checkpointOf, textFiles, textGraph } from "./tiny-checkpoints.js";

const long = (): string => checkpointOf(textGraph(), textFiles({}, { model_max_length: 131_072 }));
const text = "the room ".repeat(5000);

async function tokensOf(folder: string, maxTokens?: number) {
  const backbone = await resolveBackbone(folder, maxTokens === undefined ? {} : { maxTokens });
  const { preprocessor } = backbone;
  if (preprocessor.kind !== "text") throw new Error("expected a text backbone");
  const { ids, truncated } = preprocessor.encode(text);
  return { backbone, preprocessor, tokens: ids.length, truncated };
}

describe("the limit of tokens", () => {
  it("is the checkpoint's, but 8,192 unless more are asked for", async () => {
    const folder = long();
    const usual = await tokensOf(folder);
    expect(usual).toMatchObject({ tokens: 8192, truncated: true });
    expect(usual.preprocessor).toMatchObject({ maxTokens: 8192, limit: 131_072 });
    expect(await tokensOf(folder, 131_072)).toMatchObject({ tokens: 10_000, truncated: false });
    expect((await tokensOf(checkpointOf(textGraph(), textFiles()))).preprocessor.maxTokens).toBe(32);
  });

  it("is in the fingerprint, and found again from the record, that of earlier versions too", async () => {
    const folder = long();
    const usual = await resolveBackbone(folder);
    for (const maxTokens of [16, 8192, 131_072]) {
      const { spec, fingerprint } = await resolveBackbone(folder, { maxTokens });
      expect(spec.preprocessing.maxTokens).toBe(maxTokens);
      expect(fingerprint === usual.fingerprint).toBe(maxTokens === 8192);
      const recorded = JSON.parse(JSON.stringify(spec)) as typeof spec;
      expect((await resolveRecorded(recorded, fingerprint)).fingerprint).toBe(fingerprint);
    }
  });

  it("is another backbone's where the one that is here reads fewer", async () => {
    const { spec, fingerprint } = await resolveBackbone(long(), { maxTokens: 100 });
    const short = checkpointOf(textGraph(), textFiles());
    const found = await resolveRecorded(spec, fingerprint, short);
    expect(found.spec.preprocessing.maxTokens).toBe(32);
  });

  it("leaves room for special tokens and the prompt", async () => {
    const folder = checkpointOfFixture("bert");
    const { preprocessor } = await resolveBackbone(folder, { maxTokens: 3 });
    expect(preprocessor.kind === "text" && preprocessor.encode("the dog runs").ids).toHaveLength(3);
    await expect(resolveBackbone(folder, { maxTokens: 2 })).rejects.toMatchObject({
      code: "usage",
      message: "2 tokens leave none for the text: 2 are special ones and the prompt's",
      hint: "Use --max-tokens 3 or more.",
    });
    await expect(resolveBackbone(folder, { maxTokens: 3, prompt: "the dog: " })).rejects.toMatchObject({
      code: "usage",
    });
  });

  it("is refused above the checkpoint's own, for images, and where it is no number", async () => {
    const refusal = { code: "usage" };
    await expect(resolveBackbone(long(), { maxTokens: 131_073 })).rejects.toMatchObject({
      ...refusal,
      message: "The checkpoint reads at most 131072 tokens, not 131073",
    });
    await expect(resolveBackbone(long(), { maxTokens: 1.5 })).rejects.toMatchObject(refusal);
    await expect(resolveBackbone("mobilenet-v2-mid", { maxTokens: 8 })).rejects.toMatchObject({
      ...refusal,
      message: expect.stringMatching(/^--max-tokens is for texts/),
    });
    await expect(resolveBackbone("use-lite", { maxTokens: 300 })).rejects.toMatchObject(refusal);
  });
});
