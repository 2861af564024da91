import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Pooling } from "../../src/backbones/backbone.js";
import { resolveBackbone } from "../../src/backbones/resolve-backbone.js";
import { resolveRecorded } from "../../src/backbones/resolve-recorded.js";
import { type GraphBuilder, graphBuilder, type Model, openSession } from "../../src/onnx/index.js";
import { familyFixture } from "../golden/families-image/fixture.js";
import { checkpointOf, IMAGE_FILES } from "./tiny-checkpoints.js";

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

async function exported(family: string, name: string): Promise<string> {
  const folder = await familyFixture(family)
    .exports.find((one) => one.name === name)!
    .folder();
  folders.push(folder);
  return folder;
}

function checkpoint(graph: Model, files: Readonly<Record<string, object>> = IMAGE_FILES): string {
  const folder = checkpointOf(graph, files);
  folders.push(folder);
  return folder;
}

const WAVES = Float32Array.from({ length: 3 * 64 }, (_, i) => Math.sin(i));

async function encode(folder: string, options = {}, pixels = WAVES): Promise<Float32Array> {
  const backbone = await resolveBackbone(folder, options);
  const encoder = await backbone.open({ threads: 1 });
  const vectors = await encoder.encodeImages([pixels]);
  await encoder.release();
  expect(vectors.length).toBe(backbone.spec.dim);
  return vectors;
}

/** Images of 8 x 8 pixels in, whatever `body` adds out. */
function network(body: (g: GraphBuilder, pixels: string) => void): Model {
  const g = graphBuilder({ name: "tiny" });
  body(g, g.input("pixel_values", "float32", ["batch", 3, 8, 8]));
  return g.build();
}

const pooled = (g: GraphBuilder, x: string): string =>
  g.op("Flatten", [g.op("GlobalAveragePool", [x])], { axis: { int: 1 } });
const weights = (count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => Math.cos(3 * i));

/** The mean of each colour: what `pooled` gives of `WAVES`. */
const MEANS = [0, 1, 2].map((c) => WAVES.subarray(c * 64, (c + 1) * 64).reduce((sum, x) => sum + x, 0) / 64);

function expectClose(actual: Float32Array, expected: readonly number[], digits = 5): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, digits);
}

describe("the feature of an image encoder", () => {
  it.each([
    ["resnet", "max", (states: number[][]) => states.map((row) => Math.max(...row))],
    ["vit", "mean", (states: number[][]) => states.map((row) => row.reduce((a, b) => a + b, 0) / row.length)],
  ] as const)("is pooled from the states where a pooling is asked for: %s by %s", async (family, pooling, by) => {
    const folder = await exported(family, family === "vit" ? "with-pooler" : "base");
    const backbone = await resolveBackbone(folder, { pooling: pooling as Pooling });
    expect(backbone.spec).toMatchObject({ layer: "last_hidden_state", pooling });
    const [pixels] = familyFixture(family).pixels;
    const encoder = await backbone.open({ threads: 1 });
    const vector = await encoder.encodeImages([pixels!]);
    await encoder.release();
    const original = await openSession(join(folder, "onnx/model.onnx"));
    const { preprocessor } = backbone;
    if (preprocessor.kind !== "image") throw new Error("expected an image backbone");
    const dims = [1, 3, preprocessor.height, preprocessor.width];
    const { data, dims: shape } = (
      await original.run({ pixel_values: { dtype: "float32", data: pixels!, dims } })
    ).last_hidden_state!;
    await original.release();
    const values = Array.from(data as Float32Array);
    const isMap = shape.length === 4;
    const dim = isMap ? shape[1]! : shape[2]!;
    const places = values.length / dim;
    const states = Array.from({ length: dim }, (_, c) =>
      Array.from({ length: places }, (__, p) => values[isMap ? c * places + p : p * dim + c]!),
    );
    expectClose(vector, by(states));
  });

  it.each([
    "image_embeds",
    "embedding",
    "image_features",
    "pooled_output",
  ])("is an output called %s, before logits and whatever stands first", async (name) => {
    const graph = network((g, x) => {
      const vector = pooled(g, x);
      g.output(g.op("MatMul", [vector, g.float32(weights(12), [3, 4])]), "logits", "float32", ["batch", 4]);
      g.output(vector, name, "float32", ["batch", 3]);
    });
    expectClose(await encode(checkpoint(graph)), MEANS);
  });

  it("is what a classifier reads, behind a softmax and a bias", async () => {
    const graph = network((g, x) => {
      const product = g.op("MatMul", [pooled(g, x), g.float32(weights(12), [3, 4])]);
      const logits = g.op("Add", [product, g.float32(weights(4), [4])]);
      g.output(g.op("Softmax", [logits], { axis: { int: 1 } }), "probabilities", "float32", ["batch", 4]);
    });
    expectClose(await encode(checkpoint(graph)), MEANS);
  });

  it("is the map that a 1 x 1 convolution classifies, averaged", async () => {
    const graph = network((g, x) => {
      const classes = g.op("Conv", [g.op("Relu", [x]), g.float32(weights(12), [4, 3, 1, 1])]);
      g.output(pooled(g, classes), "logits", "float32", ["batch", 4]);
    });
    const relu = [0, 1, 2].map(
      (c) => WAVES.subarray(c * 64, (c + 1) * 64).reduce((sum, x) => sum + Math.max(0, x), 0) / 64,
    );
    expectClose(await encode(checkpoint(graph)), relu);
  });

  it("is widened where the classifier works in half precision, which the graph need not say", async () => {
    const graph = network((g, x) => {
      const half = g.op("Cast", [pooled(g, x)], { to: { int: 10 } });
      const table = g.op("Cast", [g.float32(weights(12), [3, 4])], { to: { int: 10 } });
      const logits = g.op("MatMul", [half, table]);
      g.output(g.op("Cast", [logits], { to: { int: 1 } }), "logits", "float32", ["batch", 4]);
    });
    expectClose(await encode(checkpoint(graph)), MEANS, 3);
  });

  it.each<[string, readonly (number | string)[]]>([
    ["of known sizes", ["batch", 8, 8, 3]],
    ["of free sizes", ["batch", "height", "width", 3]],
  ])("is averaged over its pixels where it has its channels last: %s", async (_, shape) => {
    const graph = network((g, x) => {
      const last = g.op("Transpose", [x], { perm: { ints: [0, 2, 3, 1] } }, { name: "moved" });
      g.output(g.op("Identity", [last]), "last_hidden_state", "float32", shape);
    });
    for (const options of [{}, { layer: "moved" }])
      expectClose(await encode(checkpoint(graph), options), MEANS);
    const highest = [0, 1, 2].map((c) => Math.max(...WAVES.subarray(c * 64, (c + 1) * 64)));
    expectClose(await encode(checkpoint(graph), { pooling: "max" }), highest);
  });

  it("is averaged over its pixels where it has as many channels as rows, and more columns", async () => {
    const graph = network((g, x) => {
      const wide = g.op("Slice", [x, g.int64([0], [1]), g.int64([3], [1]), g.int64([2], [1])], {});
      const map = g.op("Identity", [wide], {}, { name: "map" });
      g.output(g.op("Identity", [map]), "feature_map", "float32", ["batch", 3, 3, 8]);
    });
    const [input] = graph.graph.inputs;
    const inputs = [{ ...input!, shape: ["batch", 3, 3, 8] }];
    const preprocessor = { ...IMAGE_FILES["preprocessor_config.json"], size: { height: 3, width: 8 } };
    const files = { ...IMAGE_FILES, "preprocessor_config.json": preprocessor };
    const folder = checkpoint({ ...graph, graph: { ...graph.graph, inputs } }, files);
    const { spec } = await resolveBackbone(folder, { layer: "map" });
    const pixels = WAVES.subarray(0, 3 * 24);
    const means = [0, 1, 2].map((c) => pixels.subarray(c * 24, (c + 1) * 24).reduce((a, b) => a + b) / 24);
    expect(spec.dim).toBe(3);
    for (const layer of [{}, { layer: "map" }]) expectClose(await encode(folder, layer, pixels), means);
  });

  it("is what several layers make together: vectors, patches and maps, pooled in one way", async () => {
    const graph = network((g, x) => {
      const map = g.op("Identity", [x], {}, { name: "embedding" });
      const flat = g.op("Reshape", [map, g.int64([0, 3, 64], [3])]);
      const patches = g.op("Transpose", [flat], { perm: { ints: [0, 2, 1] } }, { name: "patches" });
      g.output(pooled(g, map), "pooler_output", "float32", ["batch", 3]);
      g.output(g.op("Identity", [patches]), "last_hidden_state", "float32", ["batch", 64, 3]);
    });
    const vit = { ...IMAGE_FILES, "config.json": { model_type: "vit" } };
    const folder = checkpoint(graph, vit);
    const layer = ["pooler_output", "patches", "embedding"];
    await expect(resolveBackbone(folder, { layer })).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining("pooled in different ways: cls, mean"),
    });
    const { spec, fingerprint } = await resolveBackbone(folder, { layer, pooling: "mean" });
    expect(spec).toMatchObject({ pooling: "mean", dim: 9 });
    expectClose(await encode(folder, { layer, pooling: "mean" }), [...MEANS, ...MEANS, ...MEANS]);
    expect((await resolveRecorded(spec, fingerprint)).fingerprint).toBe(fingerprint);
  });

  it("is tapped on images as they are prepared, whatever crop is switched off", async () => {
    const g = graphBuilder({ name: "free" });
    const x = g.input("pixel_values", "float32", ["batch", 3, "height", "width"]);
    const states = g.op("Reshape", [x, g.int64([0, 3, 64], [3])], {}, { name: "states" });
    g.output(g.op("Identity", [states]), "last_hidden_state", "float32", ["batch", 3, 64]);
    const preprocessor = { ...IMAGE_FILES["preprocessor_config.json"], do_center_crop: false, crop_size: 6 };
    const folder = checkpoint(g.build(), { ...IMAGE_FILES, "preprocessor_config.json": preprocessor });
    expect((await resolveBackbone(folder, { layer: "states" })).spec.dim).toBe(64);
  });

  it("is refused, with the outputs named, where none is one", async () => {
    const graph = network((g, x) => {
      const vector = pooled(g, x);
      const one = g.op("MatMul", [vector, g.float32(weights(12), [3, 4])]);
      const other = g.op("MatMul", [vector, g.float32(weights(12), [3, 4])]);
      g.output(g.op("Add", [one, other]), "logits", "float32", ["batch", 4]);
    });
    await expect(resolveBackbone(checkpoint(graph))).rejects.toMatchObject({
      code: "model",
      message: expect.stringContaining("logits [batch, 4]"),
    });
  });
});

describe("the settings of pixels", () => {
  const graph = network((g, x) => g.output(pooled(g, x), "pooler_output", "float32", ["batch", 3]));
  const settings = { size: 8, image_mean: [0, 0, 0], image_std: [1, 1, 1], resample: 3 };

  it("are read as those of the model's family where they name no processor", async () => {
    const files = { "config.json": { model_type: "swin" }, "preprocessor_config.json": settings };
    const { spec } = await resolveBackbone(checkpoint(graph, files));
    expect(spec.preprocessing).toMatchObject({
      resize: { width: 8, height: 8 },
      crop: null,
      filter: "bicubic",
    });
    const unknown = { "config.json": { model_type: "new" }, "preprocessor_config.json": settings };
    await expect(resolveBackbone(checkpoint(graph, unknown))).rejects.toMatchObject({
      facts: { key: "size" },
    });
  });

  it("are asked for where there are none", async () => {
    const folder = checkpoint(graph, { "config.json": { model_type: "vit" } });
    await expect(resolveBackbone(folder)).rejects.toMatchObject({
      code: "model",
      message: expect.stringContaining("preprocessor_config.json"),
    });
  });

  it("change the fingerprint with the mode of resizing", async () => {
    const folder = checkpoint(graph, {
      "config.json": { model_type: "vit" },
      "preprocessor_config.json": settings,
    });
    const exact = await resolveBackbone(folder);
    expect((await resolveBackbone(folder, { resize: "exact" })).fingerprint).toBe(exact.fingerprint);
    expect((await resolveBackbone(folder, { resize: "fast" })).fingerprint).not.toBe(exact.fingerprint);
  });
});

describe("a checkpoint that reads pixels beside something else", () => {
  it("is cut to its vision side, its settings taken from processor_config.json", async () => {
    const graph = network((g, x) => {
      const ids = g.input("input_ids", "int64", ["text", "tokens"]);
      const words = g.op("ReduceMean", [g.op("Cast", [ids], { to: { int: 1 } })], {
        axes: { ints: [1] },
        keepdims: { int: 1 },
      });
      const vector = pooled(g, x);
      g.output(g.op("Mul", [words, vector]), "logits_per_text", "float32", ["text", 3]);
      g.output(words, "text_embeds", "float32", ["text", 1]);
      g.output(vector, "image_embeds", "float32", ["batch", "projection"]);
    });
    const files = {
      "config.json": { model_type: "clip", projection_dim: 3, vision_config: { hidden_size: 5 } },
      "processor_config.json": {
        processor_class: "CLIPProcessor",
        image_processor: {
          image_processor_type: "CLIPImageProcessorFast",
          size: { shortest_edge: 8 },
          crop_size: 8,
        },
      },
    };
    const folder = checkpoint(graph, files);
    const { spec } = await resolveBackbone(folder);
    expect(spec).toMatchObject({ modality: "image", layer: "image_embeds", dim: 3, pooling: "none" });
    expectClose(await encode(folder), MEANS);
  });
});
