import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { AudioPreprocessor, Backbone } from "../../src/backbones/backbone.js";
import { resolveBackbone } from "../../src/backbones/resolve-backbone.js";
import { tappable } from "../../src/backbones/tappable.js";
import { decodeModel, encodeModel } from "../../src/onnx/index.js";
import { audioFixture, audioGolden, soundPath } from "./audio-fixture.js";

const golden = audioGolden();

function hearing(backbone: Backbone): AudioPreprocessor {
  if (backbone.preprocessor.kind !== "audio") throw new Error("expected a backbone that hears");
  return backbone.preprocessor;
}

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  return dot / Math.sqrt(aa * bb);
}

describe.each(Object.keys(golden.vectors))("%s, as exported from transformers", (name) => {
  const expected = golden.vectors[name]!;
  const sounds = Object.keys(expected);
  let backbone: Backbone;
  let inputs: Float32Array[];
  beforeAll(async () => {
    backbone = await resolveBackbone(audioFixture(name));
    const prepared = sounds.map((sound) => hearing(backbone).prepare(soundPath(sound)));
    inputs = (await Promise.all(prepared)).map(({ input }) => input);
  });

  it("gives transformers' vectors, singly and in one batch of unequal lengths", async () => {
    const { dim } = backbone.spec;
    const encoder = await backbone.open({ threads: 1 });
    const together = await encoder.encodeAudio(inputs);
    for (const [i, sound] of sounds.entries()) {
      const wanted = expected[sound]!;
      const alone = await encoder.encodeAudio([inputs[i]!]);
      expect(alone.length).toBe(wanted.length);
      expect(cosine(alone, wanted), `${sound} alone`).toBeGreaterThan(0.99999);
      const batched = together.subarray(i * dim, (i + 1) * dim);
      expect(cosine(batched, wanted), `${sound} in a batch`).toBeGreaterThan(0.99999);
      const worst = wanted.reduce((most, value, j) => Math.max(most, Math.abs(value - batched[j]!)), 0);
      // AST takes logarithms of energies that torchaudio sums in float32, near nothing where the sweep is not.
      expect(worst, sound).toBeLessThan(name === "ast" ? 1e-2 : 1e-4);
    }
    await encoder.release();
  });

  it("tells sounds apart", () => {
    const all = Object.values(expected);
    const closest = cosine(expected.sine!, expected.noise!);
    expect(all.length).toBe(7);
    expect(closest).toBeLessThan(0.999);
  });
});

describe("what a sound backbone says of itself", () => {
  it("pools over time, and hears what its files say", async () => {
    const backbone = await resolveBackbone(audioFixture("wav2vec2"));
    expect(backbone.spec).toMatchObject({ modality: "audio", dim: 16, pooling: "mean", normalize: false });
    expect(backbone.spec.preprocessing).toMatchObject({
      kind: "waveform",
      sampleRate: 16_000,
      normalize: true,
    });
    expect(hearing(backbone).sampleRate).toBe(16_000);
  });

  it("pools in other ways, and normalises, where it is asked to", async () => {
    const plain = await resolveBackbone(audioFixture("wav2vec2-masked"), { pooling: "max" });
    const unit = await resolveBackbone(audioFixture("wav2vec2-masked"), { pooling: "max", normalize: true });
    expect(plain.fingerprint).not.toBe(unit.fingerprint);
    const { input } = await hearing(plain).prepare(soundPath("sine"));
    const other = (await hearing(plain).prepare(soundPath("long"))).input;
    const [a, b] = [await plain.open(), await unit.open()];
    const [loose, together, scaled] = [
      await a.encodeAudio([input]),
      await a.encodeAudio([input, other]),
      await b.encodeAudio([input]),
    ];
    expect(Math.hypot(...scaled)).toBeCloseTo(1, 5);
    expect(cosine(loose, scaled)).toBeGreaterThan(0.999999);
    expect(cosine(loose, together.subarray(0, 16))).toBeGreaterThan(0.999999);
    await a.release();
    await b.release();
  });

  it("says how short a sound may be", async () => {
    const backbone = await resolveBackbone(audioFixture("wav2vec2"));
    const bytes = readFileSync(soundPath("short"));
    const cut = Buffer.concat([bytes.subarray(0, 40), Buffer.from([150, 0, 0, 0]), bytes.subarray(44, 194)]);
    await expect(hearing(backbone).prepare(cut)).rejects.toThrow(
      /too short: 50 samples at 16000 Hz; the network needs 65/,
    );
  });

  it("counts a sound that is longer than Whisper hears as truncated", async () => {
    const whisper = hearing(await resolveBackbone(audioFixture("whisper")));
    expect((await whisper.prepare(soundPath("long"))).truncated).toBe(true);
    expect((await whisper.prepare(soundPath("sine"))).truncated).toBe(false);
    expect(whisper.isCut(readFileSync(soundPath("long")))).toBe(true);
    expect(whisper.isCut(readFileSync(soundPath("sine")))).toBe(false);
    // A network that hears waveforms of any length cuts none.
    expect(
      hearing(await resolveBackbone(audioFixture("wav2vec2"))).isCut(readFileSync(soundPath("long"))),
    ).toBe(false);
  });

  it("has layers, also where a spectrogram's sizes are free in the graph", async () => {
    const folder = audioFixture("whisper");
    const fixed = await resolveBackbone(folder, { layer: 0 });
    const path = join(folder, "onnx", readdirSync(join(folder, "onnx"))[0]!);
    const model = decodeModel(readFileSync(path));
    const inputs = model.graph.inputs.map((one) => ({ ...one, shape: ["batch", "features", "frames"] }));
    writeFileSync(path, encodeModel({ ...model, graph: { ...model.graph, inputs } }));
    const free = await resolveBackbone(folder, { layer: 0 });
    expect(free.spec).toMatchObject({ dim: fixed.spec.dim, layer: fixed.spec.layer });
    expect((await tappable(folder))[0]!.shape).toEqual(["batch", expect.any(Number), fixed.spec.dim]);
  });

  it("has layers that are vectors", async () => {
    const [plain, layer] = [await resolveBackbone(audioFixture("ast")), { layer: "pooler_output" }];
    const tapped = await resolveBackbone(audioFixture("ast"), layer);
    expect(tapped.spec).toMatchObject({ layer: "pooler_output", pooling: "none", dim: plain.spec.dim });
  });

  it("has no layer of vectors that grow with the sound", async () => {
    const folder = audioFixture("wav2vec2");
    const maps = decodeModel(readFileSync(join(folder, "onnx/model.onnx"))).graph.nodes.filter(
      ({ opType }) => opType === "Conv",
    );
    await expect(resolveBackbone(folder, { layer: maps[1]!.outputs[0]! })).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining("which is no state of a sound"),
    });
  });
});
