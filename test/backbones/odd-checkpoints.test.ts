import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Backbone, Pooling } from "../../src/backbones/backbone.js";
import type { BackboneOptions } from "../../src/backbones/backbone-options.js";
import { resolveBackbone } from "../../src/backbones/resolve-backbone.js";
import { cutMarks } from "../../src/backbones/text/combining-marks.js";
import { graphBuilder, type Model } from "../../src/onnx/index.js";
import { checkpointOfFixture } from "./text-fixtures.js";
import { checkpointOf, DIM, IMAGE_FILES, imageGraph, textFiles, textGraph } from "./tiny-checkpoints.js";

async function vectors(backbone: Backbone, texts: readonly string[]): Promise<Float32Array[]> {
  const { preprocessor } = backbone;
  if (preprocessor.kind !== "text") throw new Error("expected a text backbone");
  const encoder = await backbone.open({ threads: 1 });
  const all = await encoder.encodeTexts(texts.map((text) => preprocessor.encode(text).ids));
  await encoder.release();
  return texts.map((_, i) => all.subarray(i * DIM, (i + 1) * DIM));
}

const refusal = (message: RegExp) => ({ code: "model", message: expect.stringMatching(message) });

describe("a text encoder that is not quite a BERT", () => {
  it.each([
    ["int32 token ids", textGraph({ dtype: "int32" }), /'input_ids' is int32 \[batch, tokens\]/],
    ["a fixed size", textGraph({ shape: [1, 128] }), /'input_ids' is int64 \[1, 128\]/],
  ])("refuses %s, naming the input", async (_, graph, message) => {
    await expect(resolveBackbone(checkpointOf(graph, textFiles()))).rejects.toMatchObject(refusal(message));
  });

  it("widens states of half precision", async () => {
    const half = textGraph({
      stateType: "float16",
      layer: (g, states) => g.op("Cast", [states], { to: { int: 10 } }),
    });
    const [narrow] = await vectors(await resolveBackbone(checkpointOf(half, textFiles())), ["the room"]);
    const [wide] = await vectors(await resolveBackbone(checkpointOf(textGraph(), textFiles())), ["the room"]);
    expect(narrow).toBeInstanceOf(Float32Array);
    for (let j = 0; j < DIM; j++) expect(narrow![j]).toBeCloseTo(wide![j]!, 3);
  });

  it("without a mask gives a vector that does not depend on its neighbours", async () => {
    const mixing = textGraph({
      mask: false,
      layer: (g, states) =>
        g.op("Add", [states, g.op("ReduceMean", [states], { axes: { ints: [1] }, keepdims: { int: 1 } })]),
    });
    const backbone = await resolveBackbone(checkpointOf(mixing, textFiles()));
    const texts = ["the", "the room was cold", "room", "was the"];
    const together = await vectors(backbone, texts);
    for (const [i, text] of texts.entries()) {
      const [alone] = await vectors(backbone, [text]);
      for (let j = 0; j < DIM; j++) expect(together[i]![j]).toBeCloseTo(alone![j]!, 6);
    }
  });

  it.each([
    "mean",
    "cls",
    "max",
    "last",
  ] as Pooling[])("pooled by %s gives zeros for a text without tokens, whatever is beside it", async (pooling) => {
    const backbone = await resolveBackbone(checkpointOf(textGraph(), textFiles()), { pooling });
    const [, empty] = await vectors(backbone, ["the room was", "  "]);
    expect([...empty!]).toEqual([0, 0, 0, 0]);
  });

  it("refuses a pooling that its graph has no use for", async () => {
    const g = graphBuilder({ name: "sentence" });
    const ids = g.input("input_ids", "int64", ["batch", "tokens"]);
    const states = g.op("Gather", [g.float32(new Float32Array(6 * DIM), [6, DIM]), ids]);
    const mean = g.op("ReduceMean", [states], { axes: { ints: [1] }, keepdims: { int: 0 } });
    g.output(mean, "sentence_embedding", "float32", ["batch", DIM]);
    const folder = checkpointOf(g.build(), textFiles());
    expect((await resolveBackbone(folder)).spec.pooling).toBe("none");
    await expect(resolveBackbone(folder, { pooling: "cls" })).rejects.toMatchObject({ code: "usage" });
  });

  it("reads no more tokens than a RoBERTa's positions, which begin after the padding", async () => {
    const config = { model_type: "roberta", pad_token_id: 1, max_position_embeddings: 514 };
    const { spec } = await resolveBackbone(checkpointOf(textGraph(), textFiles(config, {})));
    expect(spec.preprocessing.maxTokens).toBe(512);
    const bert = { max_position_embeddings: 512 };
    const plain = await resolveBackbone(checkpointOf(textGraph(), textFiles(bert, {})));
    expect(plain.spec.preprocessing.maxTokens).toBe(512);
  });

  it("has another fingerprint where tokenizer_config.json changes a tokenizer made of vocab.txt", async () => {
    const folder = checkpointOfFixture("bert-vocab-txt");
    const path = join(folder, "tokenizer_config.json");
    const fingerprints: string[] = [];
    for (const more of [
      {},
      { do_lower_case: true },
      { mask_token: "[SEP]" },
      { name_or_path: "elsewhere" },
    ]) {
      const settings = { do_lower_case: false, tokenizer_class: "BertTokenizer", model_max_length: 48 };
      writeFileSync(path, JSON.stringify({ ...settings, ...more }));
      fingerprints.push((await resolveBackbone(folder)).fingerprint);
    }
    const [cased, lower, masked, moved] = fingerprints;
    expect(lower).not.toBe(cased);
    expect(masked).not.toBe(cased);
    expect(moved).toBe(cased);
  });

  it("has another fingerprint where tokenizer_config.json changes the text", async () => {
    const limit = { model_max_length: 32 };
    const plain = await resolveBackbone(checkpointOf(textGraph(), textFiles({}, limit)));
    const named = await resolveBackbone(checkpointOf(textGraph(), textFiles({}, { ...limit, name: "x" })));
    const lower = await resolveBackbone(
      checkpointOf(textGraph(), textFiles({}, { ...limit, do_lowercase_and_remove_accent: true })),
    );
    expect(named.fingerprint).toBe(plain.fingerprint);
    expect(lower.fingerprint).not.toBe(plain.fingerprint);
    const [as, is] = await vectors(lower, ["THE", "the"]);
    expect(as).toEqual(is);
  });
});

describe("a text of combining marks without end", () => {
  it("is tokenised in no time, and ordinary marks are left alone", async () => {
    const files = textFiles({}, { model_max_length: 20_000 });
    const tokenizer = { ...files["tokenizer.json"], normalizer: { type: "NFD" } };
    const backbone = await resolveBackbone(
      checkpointOf(textGraph(), { ...files, "tokenizer.json": tokenizer }),
    );
    const { preprocessor } = backbone;
    if (preprocessor.kind !== "text") throw new Error("expected a text backbone");
    const start = performance.now();
    expect(preprocessor.encode(`the a${"\u0315\u0301\u0323".repeat(300_000)} room`).ids.at(-1)).toBe(3);
    expect(performance.now() - start).toBeLessThan(3000);
    const accents = "e\u0301".repeat(500);
    expect(cutMarks(accents)).toBe(accents);
    expect(cutMarks(`a${"\u0301".repeat(1000)}b`)).toBe(`a${"\u0301".repeat(256)}b`);
  });
});

describe("weights in another file", () => {
  const outside = (model: Model): Model => {
    const entries = { location: "table.bin", offset: "0", length: String(6 * DIM * 4) };
    const initializers = model.graph.initializers.map((tensor) => ({
      ...tensor,
      content: { kind: "external", entries } as const,
    }));
    return { ...model, graph: { ...model.graph, initializers } };
  };

  it("are refused, and never taken from the working directory", async () => {
    const folder = mkdtempSync(join(tmpdir(), "headstart-cwd-"));
    writeFileSync(join(folder, "table.bin"), new Uint8Array(6 * DIM * 4));
    const before = process.cwd();
    onTestFinished(() => process.chdir(before));
    process.chdir(folder);
    const text = resolveBackbone(checkpointOf(outside(textGraph()), textFiles()));
    await expect(text).rejects.toMatchObject(refusal(/weights in 'table.bin' cannot be read/));
  });

  it("are read from the folder of the graph, and count in the fingerprint", async () => {
    const inside = await resolveBackbone(checkpointOf(textGraph(), textFiles()));
    const folder = checkpointOf(outside(textGraph()), textFiles());
    const table = textGraph().graph.initializers.find(({ name }) => name === "table")!;
    if (table.content.kind !== "raw") throw new Error("expected weights inside");
    writeFileSync(join(folder, "onnx", "table.bin"), table.content.bytes);
    const apart = await resolveBackbone(folder);
    expect(await vectors(apart, ["the room was cold"])).toEqual(await vectors(inside, ["the room was cold"]));
    writeFileSync(join(folder, "onnx", "table.bin"), new Uint8Array(table.content.bytes.length));
    await expect(apart.open()).rejects.toThrow(/changed since it was read/);
    expect((await resolveBackbone(folder)).fingerprint).not.toBe(apart.fingerprint);
  });
});

describe("an image encoder that does not fit its preprocessor", () => {
  it.each([
    ["another size", imageGraph(["batch", 3, 299, 299]), /needed is 8 x 8 pixels/],
    ["a fixed batch", imageGraph([1, 3, 8, 8]), /any number of images/],
  ])("is refused: %s", async (_, graph, message) => {
    const folder = checkpointOf(graph, IMAGE_FILES);
    await expect(resolveBackbone(folder)).rejects.toMatchObject(refusal(message));
  });

  it("is refused where its images would fill the memory", async () => {
    const config = {
      ...IMAGE_FILES["preprocessor_config.json"],
      size: { height: 16_384, width: 16_384 },
    };
    const folder = checkpointOf(imageGraph(["batch", 3, "h", "w"]), {
      ...IMAGE_FILES,
      "preprocessor_config.json": config,
    });
    await expect(resolveBackbone(folder)).rejects.toMatchObject(
      refusal(/'size' makes images of 16384 x 16384/),
    );
  });

  it("is fed float32 where it reads half precision", async () => {
    const graph = imageGraph(["batch", 3, 8, 8], "float16");
    const backbone = await resolveBackbone(checkpointOf(graph, IMAGE_FILES));
    expect(backbone.spec).toMatchObject({ dim: 3, precision: "fp16" });
    const encoder = await backbone.open({ threads: 1 });
    const vector = await encoder.encodeImages([
      Float32Array.from({ length: 192 }, (_, i) => Math.floor(i / 64)),
    ]);
    await encoder.release();
    expect([...vector]).toEqual([0, 1, 2]);
  });

  it("is taken where its sizes are free", async () => {
    const { spec } = await resolveBackbone(checkpointOf(imageGraph(["batch", 3, "h", "w"]), IMAGE_FILES));
    expect(spec).toMatchObject({ dim: 3, pooling: "mean" });
  });
});

describe("an option that could change no vector", () => {
  const image = () => checkpointOf(imageGraph(["batch", 3, 8, 8]), IMAGE_FILES);
  const text = () => checkpointOf(textGraph(), textFiles());
  it.each<[string, () => string, BackboneOptions, RegExp]>([
    ["a prompt for images", image, { prompt: "query: " }, /--prompt is for texts/],
    ["a way of resizing texts", text, { resize: "fast" }, /--resize is for images/],
    ["the revision of an embedded backbone", () => "use-lite", { revision: "v1" }, /it has no revision/],
  ])("is refused: %s", async (_, folder, options, message) => {
    await expect(resolveBackbone(folder(), options)).rejects.toMatchObject({
      code: "usage",
      message: expect.stringMatching(message),
    });
  });

  it("may ask for what is so anyway", async () => {
    const [plain, same] = [await resolveBackbone(image()), await resolveBackbone(image(), { prompt: "" })];
    expect(same.fingerprint).toBe(plain.fingerprint);
    await resolveBackbone(text(), { resize: "exact" });
  });
});
