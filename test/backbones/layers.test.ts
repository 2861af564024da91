import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Backbone } from "../../src/backbones/backbone.js";
import type { BackboneOptions } from "../../src/backbones/backbone-options.js";
import { resolveBackbone } from "../../src/backbones/resolve-backbone.js";
import { LAYER_FIXTURES, layerFolders } from "./layers-fixtures.js";

const golden = JSON.parse(readFileSync(join(LAYER_FIXTURES, "golden.json"), "utf8")) as {
  texts: string[];
  pixels: number[];
} & Record<string, number[][][]>;
const { folderOf, remove } = layerFolders();
afterAll(remove);
const vectorsOf = (name: string): number[][] => golden[name] as unknown as number[][];

async function vectors(
  name: string,
  options: BackboneOptions,
): Promise<{ rows: number[][]; spec: Backbone["spec"] }> {
  const backbone = await resolveBackbone(folderOf(name), options);
  const encoder = await backbone.open({ threads: 1 });
  try {
    const { preprocessor, spec } = backbone;
    const flat =
      preprocessor.kind === "text"
        ? await encoder.encodeTexts(golden.texts.map((text) => preprocessor.encode(text).ids))
        : await encoder.encodeImages(images());
    const count = flat.length / spec.dim;
    const rows = Array.from({ length: count }, (_, i) => [
      ...flat.subarray(i * spec.dim, (i + 1) * spec.dim),
    ]);
    return { rows, spec };
  } finally {
    await encoder.release();
  }
}

/** The two images that the generator made, as the network reads them. */
function images(): Float32Array[] {
  const size = golden.pixels.length / 2;
  return [0, 1].map((i) => Float32Array.from(golden.pixels.slice(i * size, (i + 1) * size)));
}

function cosine(a: readonly number[], b: readonly number[]): number {
  expect(a.length).toBe(b.length);
  const dot = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

function expectEqual(actual: readonly number[][], expected: readonly number[][], least = 0.99999): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((row, i) => {
    expect(cosine(row, expected[i]!)).toBeGreaterThan(least);
  });
}

describe("a block by its number", () => {
  it.each(["bert", "bert-dynamo", "bert-classifier"])("of %s is transformers' hidden state", async (name) => {
    const states = golden[name === "bert-dynamo" ? "bert" : name]!;
    for (const block of [0, 1, 2]) {
      const { rows, spec } = await vectors(name, { layer: block, pooling: "mean" });
      expectEqual(
        rows,
        states.map((text) => text[block + 1]!),
      );
      expect(spec).toMatchObject({ dim: 16, pooling: "mean" });
      const fromLast = await vectors(name, { layer: block - 3, pooling: "mean" });
      expect(fromLast.rows).toEqual(rows);
      expect(fromLast.spec).toEqual(spec);
    }
  });

  it("of a decoder is what the block passes on, before the last normalisation", async () => {
    for (const block of [0, 1, 2]) {
      const { rows } = await vectors("gpt2-lm", { layer: block, pooling: "mean" });
      expectEqual(
        rows,
        golden["gpt2-lm-blocks"]!.map((text) => text[block]!),
      );
    }
  });

  it("of a ResNet is a stage's map, its pixels averaged", async () => {
    for (const [block, dim] of [8, 12, 16, 20].entries()) {
      const { rows, spec } = await vectors("resnet", { layer: block });
      expect(spec).toMatchObject({ dim, pooling: "mean" });
      expectEqual(
        rows,
        golden.resnet!.map((image) => image[block + 1]!),
      );
    }
  });

  it("of a ViT is the states of its patches", async () => {
    for (const block of [0, 1, 2]) {
      const { rows } = await vectors("vit", { layer: block, pooling: "mean" });
      expectEqual(
        rows,
        golden.vit!.map((image) => image[block + 1]!),
      );
    }
  });

  it("that there is not is refused, telling how many there are", async () => {
    for (const layer of [3, -4, 0.5]) {
      await expect(resolveBackbone(folderOf("bert"), { layer })).rejects.toMatchObject({
        code: "usage",
        message: expect.stringContaining("it has 3, from 0"),
        hint: expect.stringContaining("backbones show"),
      });
    }
  });
});

describe("a layer by its name", () => {
  it("is a module, a node or a tensor", async () => {
    const whole = await vectors("bert", { layer: 1, pooling: "mean" });
    const tensor = whole.spec.layer;
    for (const layer of ["encoder.layer.1", "/encoder/layer.1", "layer.1", tensor]) {
      const { rows, spec } = await vectors("bert", { layer, pooling: "mean" });
      expect(rows).toEqual(whole.rows);
      expect(spec).toEqual(whole.spec);
    }
  });

  it("is a module inside a stage", async () => {
    const block = await vectors("resnet", { layer: "stages.1.layers.0" });
    const last = await vectors("resnet", { layer: "stages.1.layers.1" });
    const stage = await vectors("resnet", { layer: "stages.1" });
    expect(block.spec.dim).toBe(12);
    expect(block.rows).not.toEqual(stage.rows);
    expect(last.rows).toEqual(stage.rows);
  });

  it("that is no layer, or more than one, is refused", async () => {
    const refused = (layer: string) => resolveBackbone(folderOf("bert"), { layer });
    await expect(refused("layer.7")).rejects.toThrow(/no tensor, node or module 'layer.7'/);
    await expect(refused("dense")).rejects.toThrow(/'dense' is not the only one/);
    await expect(refused("input_ids")).rejects.toMatchObject({ code: "usage" });
  });
});

describe("several layers", () => {
  it("lie side by side: token states", async () => {
    const { rows, spec } = await vectors("bert", { layer: [-1, 0], pooling: "mean" });
    expect(spec.dim).toBe(32);
    expectEqual(
      rows,
      golden.bert!.map((text) => [...text[3]!, ...text[1]!]),
    );
    const other = await resolveBackbone(folderOf("bert"), { layer: [0, -1], pooling: "mean" });
    const same = await resolveBackbone(folderOf("bert"), { layer: [-1, 0], pooling: "mean" });
    expect(other.fingerprint).not.toBe(same.fingerprint);
  });

  it("lie side by side: feature maps of different sizes", async () => {
    const { rows, spec } = await vectors("resnet", { layer: [0, 3] });
    expect(spec.dim).toBe(28);
    expectEqual(
      rows,
      golden.resnet!.map((image) => [...image[1]!, ...image[4]!]),
    );
    const { rows: largest } = await vectors("resnet", { layer: [0, 3], pooling: "max" });
    largest.forEach((row, i) => {
      row.forEach((value, j) => {
        expect(value).toBeGreaterThanOrEqual(rows[i]![j]!);
      });
    });
  });
});

describe("an export that gives nothing but logits", () => {
  it("of a BERT is cut at its last hidden states", async () => {
    const { rows, spec } = await vectors("bert-classifier", { pooling: "mean" });
    expectEqual(
      rows,
      golden["bert-classifier"]!.map((text) => text[3]!),
    );
    expect(spec.layer).toMatch(/layer\.2.*LayerNorm/);
  });

  it("of a decoder is cut behind its last normalisation", async () => {
    const { rows } = await vectors("gpt2-lm", { pooling: "mean" });
    expectEqual(
      rows,
      golden["gpt2-lm"]!.map((text) => text[3]!),
    );
  });

  it("of a ResNet gives what its classifier reads", async () => {
    const { rows, spec } = await vectors("resnet", {});
    expect(spec).toMatchObject({ dim: 20, modality: "image" });
    expectEqual(
      rows,
      golden.resnet!.map((image) => image[4]!),
    );
  });

  it("of a ViT gives what its classifier reads", async () => {
    const { rows } = await vectors("vit", {});
    expectEqual(rows, vectorsOf("vit-cls"));
  });
});

describe("a checkpoint with a side for text and one for images in one graph", () => {
  it("is cut to the side that is asked for", async () => {
    const text = await vectors("clip", { modality: "text" });
    expect(text.spec).toMatchObject({ modality: "text", layer: "text_embeds", dim: 12, pooling: "none" });
    expectEqual(text.rows, vectorsOf("clip-text"));
    const image = await vectors("clip", { modality: "image" });
    expect(image.spec).toMatchObject({ modality: "image", layer: "image_embeds", dim: 12 });
    expectEqual(image.rows, vectorsOf("clip-image"));
  });
});

describe("half precision", () => {
  it("is read from the weights, and its vectors are those of the whole", async () => {
    const { rows, spec } = await vectors("bert-half", { precision: "fp16", pooling: "mean" });
    expect(spec.precision).toBe("fp16");
    expectEqual(
      rows,
      golden.bert!.map((text) => text[3]!),
      0.999,
    );
    await expect(resolveBackbone(folderOf("bert-half"))).rejects.toMatchObject({
      code: "model",
      hint: expect.stringContaining("--precision fp16"),
    });
  });
});
