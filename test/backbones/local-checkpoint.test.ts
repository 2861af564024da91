import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { resolveBackbone } from "../../src/backbones/resolve-backbone.js";
import { openSession } from "../../src/onnx/index.js";

const shared = join(import.meta.dirname, "../../../shared");
const bert = join(shared, "models/all-MiniLM-L6-v2");
const cnn = join(shared, "models/efficientnet-lite0");
const photos = join(shared, "data/images/hymenoptera/test/ants");

const largest = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

describe.skipIf(!existsSync(bert))("a local BERT folder (skipped where ../shared is absent)", () => {
  const texts = [
    "A film worth seeing twice.",
    "no",
    "it's so laddish and juvenile, only teenage boys could find it funny . ".repeat(9),
    "",
  ];

  it("takes pooling, normalisation and limit from the checkpoint, and gives [batch, dim]", async () => {
    const { spec } = await resolveBackbone(bert);
    expect(spec).toMatchObject({
      modality: "text",
      dim: 384,
      layer: "last_hidden_state",
      pooling: "mean",
      normalize: true,
    });
    expect(spec.preprocessing).toMatchObject({ maxTokens: 256 });
  });

  it("equals pooling done by hand on the original graph, row by row", async () => {
    const backbone = await resolveBackbone(bert);
    if (backbone.preprocessor.kind !== "text") throw new Error("expected a text backbone");
    const { encode } = backbone.preprocessor;
    const ids = texts.map((text) => encode(text).ids);
    expect([...ids[1]!]).toEqual([101, 2053, 102]);
    const encoder = await backbone.open();
    const together = await encoder.encodeTexts(ids);
    const again = await encoder.encodeTexts(ids);
    const alone = await Promise.all(ids.map((row) => encoder.encodeTexts([row])));
    await encoder.release();
    const original = await openSession(join(bert, "onnx/model.onnx"));
    for (const [i, row] of ids.entries()) {
      const dims = [1, row.length];
      const out = await original.run({
        input_ids: { dtype: "int64", data: row, dims },
        attention_mask: { dtype: "int64", data: new Int32Array(row.length).fill(1), dims },
        token_type_ids: { dtype: "int64", data: new Int32Array(row.length), dims },
      });
      const states = out.last_hidden_state!.data as Float32Array;
      const mean = Array.from(
        { length: 384 },
        (_, j) => row.reduce((sum, _id, t) => sum + states[t * 384 + j]!, 0) / row.length,
      );
      const norm = Math.hypot(...mean);
      const vector = together.subarray(i * 384, (i + 1) * 384);
      expect(
        largest(
          vector,
          mean.map((value) => value / norm),
        ),
      ).toBeLessThan(1e-5);
      expect(largest(vector, alone[i]!)).toBeLessThan(1e-5);
    }
    await original.release();
    expect(largest(together, again)).toBe(0);
  });

  it("cuts a long text, counts it, and keeps its closing token", async () => {
    const { preprocessor } = await resolveBackbone(bert);
    if (preprocessor.kind !== "text") throw new Error("expected a text backbone");
    const { ids, truncated } = preprocessor.encode("word ".repeat(5000));
    expect(truncated).toBe(true);
    expect(ids.length).toBe(256);
    expect([ids[0], ids.at(-1)]).toEqual([101, 102]);
    expect(preprocessor.encode("word").truncated).toBe(false);
  });

  it("changes its fingerprint with pooling, and not with how its folder is written", async () => {
    const plain = await resolveBackbone(bert);
    const other = await resolveBackbone(bert, { pooling: "cls" });
    const path = await resolveBackbone(`${bert}/`);
    expect(other.fingerprint).not.toBe(plain.fingerprint);
    expect(path.fingerprint).toBe(plain.fingerprint);
  });
});

describe.skipIf(!existsSync(cnn))(
  "a local CNN folder that ends in logits (skipped where ../shared is absent)",
  () => {
    it("is cut before its classifier", async () => {
      const backbone = await resolveBackbone(cnn);
      expect(backbone.spec).toMatchObject({ modality: "image", dim: 1280, pooling: "none" });
      if (backbone.preprocessor.kind !== "image") throw new Error("expected an image backbone");
      const names = ["10308379_1b6c72e180.jpg", "1053149811_f62a3410d3.jpg", "1073564163_225a64f170.jpg"];
      const prepare = backbone.preprocessor.prepare;
      const pixels = await Promise.all(names.map((name) => prepare(readFileSync(join(photos, name)))));
      const encoder = await backbone.open();
      const together = await encoder.encodeImages(pixels);
      const alone = await Promise.all(pixels.map((image) => encoder.encodeImages([image])));
      await encoder.release();
      expect(together.length).toBe(3 * 1280);
      for (const [i, vector] of alone.entries()) {
        expect(largest(together.subarray(i * 1280, (i + 1) * 1280), vector)).toBeLessThan(1e-5);
        expect(Math.max(...vector)).toBeGreaterThan(0.1);
      }
    });
  },
);

describe("a backbone that is not there", () => {
  it("names the embedded ones", async () => {
    await expect(resolveBackbone("use-light")).rejects.toMatchObject({
      code: "model",
      hint: expect.stringContaining("use-lite"),
    });
  });

  it("tells how to fetch a Hub id, without the network where that is forbidden", async () => {
    vi.stubEnv("HF_HUB_OFFLINE", "1");
    vi.stubEnv("HF_HUB_CACHE", mkdtempSync(join(tmpdir(), "headstart-hub-")));
    await expect(resolveBackbone("Xenova/bert-base-uncased")).rejects.toMatchObject({
      code: "model",
      hint: expect.stringContaining("headstart backbones pull Xenova/bert-base-uncased"),
    });
    vi.unstubAllEnvs();
  });

  it("names what a folder lacks", async () => {
    const folder = mkdtempSync(join(tmpdir(), "headstart-"));
    await expect(resolveBackbone(folder)).rejects.toThrow(/is no checkpoint/);
    writeFileSync(join(folder, "model.onnx"), "not a graph");
    await expect(resolveBackbone(folder)).rejects.toThrow(/no config.json/);
    writeFileSync(join(folder, "config.json"), "{}");
    await expect(resolveBackbone(folder)).rejects.toThrow(/neither tokenizer.json/);
  });
});
