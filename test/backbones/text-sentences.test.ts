import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { resolveBackbone } from "../../src/backbones/resolve-backbone.js";
import {
  checkpointOfFixture,
  cosine,
  encodeBoth,
  type Golden,
  namesIn,
  readFixture,
  TEXTS,
} from "./text-fixtures.js";

const folders = namesIn().filter((name) => name.startsWith("sentence-"));

describe("sentence-transformers folders", () => {
  it("are all there", () => {
    expect(folders).toHaveLength(12);
  });

  it.each(folders)("%s: token ids and vectors are Python's, together and alone", async (name) => {
    const golden = readFixture<Golden>(name, "golden.json");
    const backbone = await resolveBackbone(checkpointOfFixture(name, "bert"));
    const { ids, truncated, together, alone } = await encodeBoth(backbone, TEXTS);
    for (const [i, text] of TEXTS.entries()) {
      expect([...ids[i]!], JSON.stringify(text)).toEqual(golden.ids[i]);
      expect(truncated[i], JSON.stringify(text)).toBe(golden.truncated[i]);
      for (const vector of [together[i]!, alone[i]!]) {
        expect(vector.length).toBe(golden.vectors[i]!.length);
        // Where no token is left to pool there is no direction: zeros, in Python too.
        const none = golden.vectors[i]!.every((value) => value === 0);
        if (none) expect([...vector].every((value) => value === 0)).toBe(true);
        else expect(1 - cosine(vector, golden.vectors[i]!), JSON.stringify(text)).toBeLessThan(1e-5);
      }
    }
  });
});

describe("a prompt", () => {
  it("that is none of the checkpoint's names is words; a bare word is a mistyped name", async () => {
    const folder = checkpointOfFixture("sentence-prompt", "bert");
    await expect(resolveBackbone(folder, { prompt: "qurey" })).rejects.toMatchObject({
      code: "usage",
      message: "The checkpoint has no prompt 'qurey'",
      hint: expect.stringMatching(/^Its prompts: .*query.*'qurey: '/),
    });
    const { spec } = await resolveBackbone(folder, { prompt: "qurey: " });
    expect(spec.preprocessing.prompt).toBe("qurey: ");
    const bare = checkpointOfFixture("bert");
    expect((await resolveBackbone(bare, { prompt: "query" })).spec.preprocessing.prompt).toBe("query");
  });

  it("is named, or given in its own words, or left out", async () => {
    const folder = checkpointOfFixture("sentence-prompt", "bert");
    const text = ["the dog runs"];
    const byDefault = await resolveBackbone(folder);
    const named = await resolveBackbone(folder, { prompt: "query" });
    const words = await resolveBackbone(folder, { prompt: "The quick query: " });
    const other = await resolveBackbone(folder, { prompt: "passage" });
    const none = await resolveBackbone(folder, { prompt: "" });
    const ids = async (backbone: typeof byDefault) => [...(await encodeBoth(backbone, text)).ids[0]!];
    expect(await ids(named)).toEqual(await ids(byDefault));
    expect(await ids(words)).toEqual(await ids(byDefault));
    expect(await ids(other)).not.toEqual(await ids(byDefault));
    expect((await ids(none)).length).toBeLessThan((await ids(other)).length);
    expect(named.fingerprint).toBe(byDefault.fingerprint);
    expect(words.fingerprint).toBe(byDefault.fingerprint);
    expect(new Set([byDefault, other, none].map(({ fingerprint }) => fingerprint)).size).toBe(3);
  });
});

describe("module files that are not understood", () => {
  const edited = (name: string, path: string, edit: (json: Record<string, unknown>) => void): string => {
    const folder = checkpointOfFixture(name, "bert");
    const json = JSON.parse(readFileSync(join(folder, path), "utf8")) as Record<string, unknown>;
    edit(json);
    writeFileSync(join(folder, path), JSON.stringify(json));
    return folder;
  };

  it("are named: several poolings, another activation, another module", async () => {
    const poolings = edited("sentence-mean", "1_Pooling/config.json", (json) => {
      json.pooling_mode = ["mean", "max"];
    });
    await expect(resolveBackbone(poolings)).rejects.toThrow(/1_Pooling.*\[mean, max\] is not understood/);
    const activation = edited("sentence-dense-tanh", "2_Dense/config.json", (json) => {
      json.activation_function = "torch.nn.modules.activation.Mish";
    });
    await expect(resolveBackbone(activation)).rejects.toThrow(/2_Dense.*'Mish' is not understood/);
    const folder = checkpointOfFixture("sentence-mean", "bert");
    writeFileSync(join(folder, "modules.json"), JSON.stringify([{ type: "x.models.LSTM", path: "1_LSTM" }]));
    await expect(resolveBackbone(folder)).rejects.toThrow(/'LSTM' module, which is not understood/);
  });

  it("weights as a pickle are refused with a remedy, damaged ones by name", async () => {
    const folder = checkpointOfFixture("sentence-dense-tanh", "bert");
    rmSync(join(folder, "2_Dense/model.safetensors"));
    writeFileSync(join(folder, "2_Dense/pytorch_model.bin"), "x");
    await expect(resolveBackbone(folder)).rejects.toMatchObject({
      code: "model",
      message: expect.stringContaining("pytorch_model.bin only"),
      hint: expect.stringContaining("save_pretrained"),
    });
    mkdirSync(join(folder, "2_Dense"), { recursive: true });
    for (const bytes of [
      Buffer.alloc(3),
      Buffer.alloc(64, 255),
      Buffer.from("\x02\0\0\0\0\0\0\0{]", "latin1"),
    ]) {
      writeFileSync(join(folder, "2_Dense/model.safetensors"), bytes);
      await expect(resolveBackbone(folder)).rejects.toThrow(/model\.safetensors is damaged/);
    }
  });
});
