import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findPackage } from "../models/find-package.js";
import { mobilenetV2Mid } from "../models/mobilenet-v2-mid/recipe.js";
import { describeImagePreprocessing, imagePreprocessor } from "../src/backbones/image/image-preprocessor.js";
import { manifestSchema } from "../src/backbones/manifest.js";
import { sha256OfFile } from "../src/core/hash.js";
import { openSession, type Session } from "../src/onnx/session.js";

const golden = JSON.parse(
  await readFile(new URL("./golden/embedded/fixtures/mobilenet-v2-mid.json", import.meta.url), "utf8"),
) as { layer: string; size: number; vectors: number[][] };
const manifest = manifestSchema.parse(
  JSON.parse(await readFile(new URL("../models/mobilenet-v2-mid/manifest.json", import.meta.url), "utf8")),
);
const { size } = golden;

/** The pictures of test/golden/embedded/mobilenet.mjs, channels first, 0 to 255. */
function picture(k: number): Float32Array {
  const pixels = new Float32Array(3 * size * size);
  for (let c = 0, at = 0; c < 3; c++) {
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const noise = Math.imul(x * 7919 + y * 104729 + c * 1299709 + k * 15485863, 2654435761) >>> 24;
        const ramp = Math.floor((x * (k + 1) + y * (c + 1)) / 3) % 256;
        const inside = (x - 112) ** 2 + (y - 90 - 10 * k) ** 2 < (30 + 12 * k) ** 2;
        const disc = (inside ? [230, 120, 40] : [20, 90, 160])[c]!;
        pixels[at++] = [noise, ramp, disc, (noise + ramp) >> 1, (disc + ramp) >> 1, k * 20 + c * 60][k]!;
      }
    }
  }
  return pixels;
}

describe("mobilenet-v2-mid", () => {
  let folder: string;
  let session: Session;
  const pictures = golden.vectors.map((_, k) => picture(k));

  const embed = async (batch: readonly Float32Array[], edge = size): Promise<Float32Array> => {
    const data = new Float32Array(batch.length * 3 * edge * edge);
    batch.forEach((pixels, i) => {
      data.set(pixels, i * pixels.length);
    });
    const feed = { dtype: "float32", data, dims: [batch.length, 3, edge, edge] } as const;
    const { embedding } = await session.run({ pixel_values: feed });
    expect(embedding!.dims).toEqual([batch.length, manifest.dim]);
    return embedding!.data as Float32Array;
  };
  const largest = (values: ArrayLike<number>): number =>
    Array.from(values).reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
    largest(Array.from(a, (v, i) => v - b[i]!));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "headstart-mobilenet-"));
    await mkdir(join(folder, "onnx"));
    const source = await findPackage(manifest.source.package);
    await mobilenetV2Mid.build(folder, source!.folder);
    session = await openSession(join(folder, "onnx", "model.onnx"), { threads: 2 });
  });
  afterAll(async () => {
    await session?.release();
    await rm(folder, { recursive: true, force: true });
  });

  it("is built to the bytes that its manifest names", async () => {
    const files = { ...manifest.files, [manifest.weights.file]: manifest.weights.sha256 };
    for (const [file, digest] of Object.entries(files))
      expect([file, await sha256OfFile(join(folder, file))]).toEqual([file, digest]);
    expect(golden.layer.endsWith(manifest.layer)).toBe(true);
  });

  it("describes in its manifest the preprocessing that its configuration asks for", async () => {
    const config = JSON.parse(await readFile(join(folder, "preprocessor_config.json"), "utf8")) as unknown;
    expect(manifest.preprocessing).toEqual(describeImagePreprocessing(config));
    expect(imagePreprocessor(config)).toMatchObject({ kind: "image", width: size, height: size });
  });

  it("equals the original graph in TensorFlow.js to 1e-4", async () => {
    const vectors = await embed(pictures);
    golden.vectors.forEach((expected, k) => {
      const actual = vectors.subarray(k * manifest.dim, (k + 1) * manifest.dim);
      expect(largest(expected)).toBeGreaterThan(0.5);
      expect(distance(actual, expected)).toBeLessThan(1e-4);
    });
  });

  it("gives a vector that does not depend on its neighbours", async () => {
    const together = await embed(pictures);
    for (const [k, alone] of pictures.entries()) {
      const vector = together.subarray(k * manifest.dim, (k + 1) * manifest.dim);
      expect(distance(vector, await embed([alone]))).toBeLessThanOrEqual(1e-5);
    }
  });

  it("gives the same vector for the same picture, and takes other sizes", async () => {
    expect(distance(await embed([pictures[2]!]), await embed([pictures[2]!]))).toBe(0);
    const small = await embed([new Float32Array(3 * 97 * 97).fill(128)], 97);
    expect(small.every(Number.isFinite)).toBe(true);
  });
});
