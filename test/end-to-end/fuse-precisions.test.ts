import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { BackboneOptions } from "../../src/backbones/backbone-options.js";
import { resolveBackbone } from "../../src/backbones/resolve-backbone.js";
import { packageRoot } from "../../src/core/package-root.js";
import { random } from "../../src/core/random.js";
import { fitHead } from "../../src/heads/head.js";
import { headToOnnx } from "../../src/heads/head-onnx.js";
import { encodeLabels } from "../../src/heads/labels.js";
import { matrix } from "../../src/linalg/matrix.js";
import { decodeModel } from "../../src/onnx/decode-model.js";
import { encodeModel } from "../../src/onnx/encode-model.js";
import { exportHead } from "../../src/pipeline/export/export-head.js";
import { audioFixture } from "../backbones/audio-fixture.js";
import { temporaryFolder } from "../data/temporary-folder.js";
import { writeTinyCheckpoint } from "./tiny-checkpoint.js";

const { path: folder } = temporaryFolder();
const bert = join(packageRoot(), "../shared/models/all-MiniLM-L6-v2");

/** Exports a head that was trained on noise, and gives what the export says. */
async function exported(id: string, name: string, options: BackboneOptions = {}) {
  const { spec, fingerprint } = await resolveBackbone(id, options);
  const draw = random(2);
  const X = matrix(
    Float32Array.from({ length: 60 * spec.dim }, () => draw.next() - 0.5),
    60,
    spec.dim,
  );
  const labels = encodeLabels(
    Array.from({ length: 60 }, (_, i) => (X.data[i * spec.dim]! > 0 ? "up" : "down")),
  );
  const head = await fitHead({ name: "logistic-regression" }, X, labels);
  const path = join(folder, `${name}.onnx`);
  writeFileSync(path, headToOnnx(head, { fingerprint, backbone: spec, metrics: null }));
  return { spec, result: await exportHead({ head: path, out: join(folder, `${name}.fused.onnx`) }) };
}

/** The tiny checkpoint with its table of vectors in half precision. */
function halfCheckpoint(): string {
  const half = join(folder, "half");
  mkdirSync(half, { recursive: true });
  writeTinyCheckpoint(half);
  const model = decodeModel(readFileSync(join(half, "onnx", "model.onnx")));
  const [gather, last] = [model.graph.nodes[0]!, model.graph.nodes.at(-1)!];
  const initializers = model.graph.initializers.map((tensor) => {
    if (tensor.content.kind !== "raw") return tensor;
    const { bytes } = tensor.content;
    const wide = new Uint32Array(bytes.slice().buffer);
    // Cut to float16: sign, exponent less 112, ten bits of the fraction; small enough ones become 0.
    const narrow = Uint16Array.from(wide, (bits) => {
      const exponent = ((bits >> 23) & 255) - 112;
      return ((bits >> 16) & 0x8000) | (exponent <= 0 ? 0 : (exponent << 10) | ((bits >> 13) & 1023));
    });
    return {
      ...tensor,
      dtype: "float16" as const,
      content: { kind: "raw", bytes: new Uint8Array(narrow.buffer) } as const,
    };
  });
  const cast = {
    ...last,
    name: "widen",
    opType: "Cast",
    attributes: { to: { type: "int", value: 1 } as const },
    inputs: gather.outputs,
  };
  const graph = { ...model.graph, initializers, nodes: [gather, cast] };
  writeFileSync(join(half, "onnx", "model_fp16.onnx"), encodeModel({ ...model, graph }));
  return half;
}

describe("export", () => {
  it.each([
    "wav2vec2",
    "wav2vec2-masked",
    "hubert",
    "ast",
    "whisper",
  ])("fuses a backbone of sounds: %s", async (name) => {
    const { result } = await exported(audioFixture(name), name);
    expect(result).toMatchObject({ modality: "audio", classes: ["down", "up"], sample: { rows: 3 } });
    expect(result.sample.largestDifference).toBeLessThan(1e-4);
    expect(result.outputs.map((output) => output.name)).toEqual(["label", "scores", "probabilities"]);
  });

  it("fuses a backbone of half precision", async () => {
    const { spec, result } = await exported(halfCheckpoint(), "fp16", { precision: "fp16" });
    expect(spec.precision).toBe("fp16");
    expect(result.sample.largestDifference).toBeLessThan(1e-4);
  });

  it.skipIf(!existsSync(bert))("fuses an int8 backbone (skipped where ../shared is absent)", async () => {
    const { spec, result } = await exported(bert, "int8", { precision: "int8" });
    expect(spec.precision).toBe("int8");
    expect(result.sample.largestDifference).toBeLessThan(1e-4);
  });
});
