import { rm, writeFile } from "node:fs/promises";
import { afterAll, describe, expect, it } from "vitest";
import type { Backbone } from "../../src/backbones/backbone.js";
import { resolveBackbone } from "../../src/backbones/resolve-backbone.js";
import { familyFixture, familyNames } from "../golden/families-image/fixture.js";

const folders: string[] = [];
/** Least cosine and largest gap of a pixel; `HEADSTART_AGREEMENT` names a file to write them to, as a table's rows. */
const agreement: {
  family: string;
  name: string;
  layer: string;
  pooling: string;
  dim: number;
  least: number;
  most: number;
}[] = [];
afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true })));
  const file = process.env.HEADSTART_AGREEMENT;
  if (file === undefined) return;
  const rows = agreement.map(
    ({ family, name, layer, pooling, dim, least, most }) =>
      `| ${family} | ${name} | ${layer} | ${pooling} | ${dim} | ${least.toFixed(7)} | ${most.toExponential(1)} |`,
  );
  await writeFile(file, `${rows.join("\n")}\n`);
});

function cosine(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
  }
  return dot / Math.sqrt(aa * bb);
}

async function prepare(backbone: Backbone, pictures: readonly string[]): Promise<Float32Array[]> {
  const { preprocessor } = backbone;
  if (preprocessor.kind !== "image") throw new Error("expected an image backbone");
  return Promise.all(pictures.map((picture) => preprocessor.prepare(picture)));
}

function largestGap(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!));
  return most;
}

describe.each(familyNames())("the family %s", (family) => {
  const fixture = familyFixture(family);

  it.each(
    fixture.exports.map((one) => [one.name, one] as const),
  )("gives the pixels and vectors of Python, alone and together: %s", async (name, expected) => {
    const folder = await expected.folder();
    folders.push(folder);
    const backbone = await resolveBackbone(folder);
    expect(backbone.spec).toMatchObject({ modality: "image", dim: expected.dim });
    const pixels = await prepare(backbone, fixture.pictures);
    const gaps = pixels.map((image, i) => largestGap(image, fixture.pixels[i]!));
    const encoder = await backbone.open({ threads: 1 });
    const together = await encoder.encodeImages(pixels);
    const cosines: number[] = [];
    for (const [i, vector] of expected.vectors.entries()) {
      const alone = await encoder.encodeImages([pixels[i]!]);
      cosines.push(cosine(alone, vector));
      cosines.push(cosine(together.subarray(i * expected.dim, (i + 1) * expected.dim), vector));
    }
    await encoder.release();
    const { layer, pooling } = backbone.spec;
    agreement.push({
      family,
      name,
      layer,
      pooling,
      dim: expected.dim,
      least: Math.min(...cosines),
      most: Math.max(...gaps),
    });
    expect(Math.max(...gaps)).toBeLessThanOrEqual(1e-6);
    expect(Math.min(...cosines)).toBeGreaterThanOrEqual(0.99999);
  });
});
