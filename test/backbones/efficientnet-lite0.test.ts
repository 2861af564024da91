import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { resolveBackbone } from "../../src/backbones/resolve-backbone.js";
import { packageRoot } from "../../src/core/package-root.js";

const shared = join(packageRoot(), "../shared");
const checkpoint = join(shared, "models/efficientnet-lite0");
const photographs = join(shared, "data/images");
const script = join(packageRoot(), "test/golden/families-image/lite0.py");
const python = process.env.HEADSTART_PYTHON;
const environment = { ...process.env, PYTHONWARNINGS: "ignore" };

function reasonToSkip(): string | null {
  if (!existsSync(checkpoint) || !existsSync(photographs)) return "../shared is absent";
  if (python === undefined) return "HEADSTART_PYTHON names no interpreter";
  const needed = "import torch, timm, onnx, PIL.ImageCms";
  return spawnSync(python, ["-c", needed], { env: environment }).status === 0
    ? null
    : `HEADSTART_PYTHON cannot: ${needed}`;
}

const reason = reasonToSkip();

describe.skipIf(reason !== null)(`EfficientNet-Lite0 beside PyTorch (skipped: ${reason})`, () => {
  const folder = mkdtempSync(join(tmpdir(), "headstart-lite0-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("gives PyTorch's vectors of 100 photographs and of strange files", { timeout: 600_000 }, async () => {
    execFileSync(python!, [script, checkpoint, photographs, folder], { env: environment, stdio: "pipe" });
    const expected = JSON.parse(readFileSync(join(folder, "vectors.json"), "utf8")) as {
      readonly pictures: readonly string[];
      readonly dim: number;
      readonly vectors: readonly string[];
    };
    expect(expected.pictures.length).toBeGreaterThanOrEqual(115);
    const backbone = await resolveBackbone(checkpoint);
    expect(backbone.spec.dim).toBe(expected.dim);
    const { preprocessor } = backbone;
    if (preprocessor.kind !== "image") throw new Error("expected an image backbone");
    const encoder = await backbone.open({ threads: 2 });
    const cosines: { readonly picture: string; readonly cosine: number }[] = [];
    for (let start = 0; start < expected.pictures.length; start += 8) {
      const pictures = expected.pictures.slice(start, start + 8);
      const vectors = await encoder.encodeImages(
        await Promise.all(pictures.map((path) => preprocessor.prepare(path))),
      );
      pictures.forEach((picture, i) => {
        const vector = vectors.subarray(i * expected.dim, (i + 1) * expected.dim);
        const bytes = Buffer.from(expected.vectors[start + i]!, "base64");
        cosines.push({ picture: basename(picture), cosine: cosine(vector, floats(bytes)) });
      });
    }
    await encoder.release();
    const worst = cosines.sort((a, b) => a.cosine - b.cosine).slice(0, 5);
    if (process.env.HEADSTART_AGREEMENT !== undefined) process.stdout.write(`${JSON.stringify(worst)}\n`);
    expect(worst.filter(({ cosine: least }) => !(least >= 0.9999))).toEqual([]);
  });
});

const floats = (bytes: Buffer): Float32Array =>
  Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));

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
