import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import type { BackboneOptions } from "../../src/backbones/backbone-options.js";
import { resolveBackbone } from "../../src/backbones/resolve-backbone.js";
import { resolveRecorded } from "../../src/backbones/resolve-recorded.js";
import { tappable } from "../../src/backbones/tappable.js";
import { layerFolders } from "./layers-fixtures.js";
import { checkpointOfFixture } from "./text-fixtures.js";

const { folderOf, remove } = layerFolders();
afterAll(remove);

describe("a backbone that was recorded", () => {
  it.each<[string, BackboneOptions]>([
    ["bert", {}],
    ["bert", { layer: 1 }],
    ["bert", { layer: [0, -1], pooling: "max", normalize: true }],
    ["bert", { pooling: "cls", prompt: "the room " }],
    ["bert-classifier", { layer: "layer.0" }],
    ["bert-half", { precision: "fp16" }],
    ["resnet", { layer: [1, 2], pooling: "max" }],
    ["resnet", {}],
    ["clip", { modality: "image" }],
  ])("of %s with %j is found again", async (name, options) => {
    const { spec, fingerprint } = await resolveBackbone(folderOf(name), options);
    const recorded = JSON.parse(JSON.stringify(spec)) as typeof spec;
    expect((await resolveRecorded(recorded, fingerprint)).spec).toEqual(spec);
  });

  it("without the prompt that its checkpoint has by default is found again", async () => {
    const folder = checkpointOfFixture("sentence-prompt", "bert");
    const [bare, plain] = [await resolveBackbone(folder, { prompt: "" }), await resolveBackbone(folder)];
    expect(bare.fingerprint).not.toBe(plain.fingerprint);
    for (const { spec, fingerprint } of [bare, plain]) {
      expect((await resolveRecorded(spec, fingerprint)).fingerprint).toBe(fingerprint);
    }
  });

  it("is not looked for on the Hub where it was a folder that is gone", async () => {
    const { spec, fingerprint } = await resolveBackbone(folderOf("bert"));
    const gone = resolveRecorded({ ...spec, id: "models/bert" }, fingerprint);
    await expect(gone).rejects.toMatchObject({
      code: "model",
      message: "The backbone 'models/bert' was a folder, and is not here",
      hint: expect.stringContaining("--backbone <folder>"),
    });
  });

  it("is another one where no options give its fingerprint", async () => {
    const { spec } = await resolveBackbone(folderOf("bert"), { layer: 1 });
    const found = await resolveRecorded(spec, "0".repeat(64));
    expect(found.spec.layer).toBe("last_hidden_state");
  });
});

describe("a folder of sentence-transformers around a CLIP", () => {
  it.each(["text", "image"] as const)("is the same backbone for %s", async (modality) => {
    const folder = folderOf("clip");
    const { fingerprint } = await resolveBackbone(folder, { modality });
    const modules = join(folder, "modules.json");
    const clip = { idx: 0, name: "0", path: "", type: "sentence_transformers.models.CLIPModel" };
    writeFileSync(modules, JSON.stringify([clip]));
    onTestFinished(() => rmSync(modules));
    expect((await resolveBackbone(folder, { modality })).fingerprint).toBe(fingerprint);
  });
});

describe("what can be tapped", () => {
  it("of a BERT are its blocks and its output", async () => {
    const taps = await tappable(folderOf("bert"));
    expect(taps.map(({ block, name, shape }) => [block, name, shape])).toEqual([
      [0, "model.encoder.layer.0", ["batch", "tokens", 16]],
      [1, "model.encoder.layer.1", ["batch", "tokens", 16]],
      [2, "model.encoder.layer.2", ["batch", "tokens", 16]],
      [null, "last_hidden_state", ["batch", "tokens", 16]],
    ]);
  });

  it("of a ResNet are its stages, the layers inside them, and its logits", async () => {
    const taps = await tappable(folderOf("resnet"));
    expect(taps.map(({ block, name, shape }) => [block, name.replace(/^.*stages/, "stages"), shape])).toEqual(
      [
        [0, "stages.0", ["batch", 8, 8, 8]],
        [null, "stages.1.layers.0", ["batch", 12, 4, 4]],
        [1, "stages.1", ["batch", 12, 4, 4]],
        [2, "stages.2", ["batch", 16, 2, 2]],
        [3, "stages.3", ["batch", 20, 1, 1]],
        [null, "logits", ["batch", 5]],
      ],
    );
    for (const { name, shape } of taps.slice(0, -1)) {
      expect((await resolveBackbone(folderOf("resnet"), { layer: name })).spec.dim).toBe(shape[1]);
    }
  });

  it("of CLIP is what the side has that is asked for", async () => {
    const names = async (modality: "text" | "image") =>
      (await tappable(folderOf("clip"), { modality })).map(({ name }) => name);
    expect(await names("image")).toEqual([
      "model.vision_model.encoder.layers.0",
      "model.vision_model.encoder.layers.1",
      "model.vision_model.encoder.layers.2",
      "image_embeds",
    ]);
    expect((await names("text")).at(-1)).toBe("text_embeds");
  });
});
