import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resolveBackbone } from "../../src/backbones/resolve-backbone.js";
import { quantizeBackbone } from "../../src/pipeline/backbones/backbones-quantize.js";
import { embed } from "../../src/pipeline/embed.js";
import {
  checkpointOf,
  DIM,
  IMAGE_FILES,
  imageGraph,
  textFiles,
  textGraph,
} from "../backbones/tiny-checkpoints.js";

const WORDS = ["the", "room", "was", "cold"];

let folder: string;
let checkpoint: string;
let texts: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "headstart-quantize-"));
  const graph = textGraph({
    layer: (g, states) => {
      const W = Float32Array.from({ length: DIM * DIM }, (_, i) => Math.cos(1 + 2.3 * i));
      return g.op("Add", [
        g.op("MatMul", [states, g.float32(W, [DIM, DIM])]),
        g.float32([1, 2, 3, 4], [DIM]),
      ]);
    },
  });
  checkpoint = checkpointOf(graph, textFiles());
  texts = join(folder, "texts.csv");
  const lines = Array.from({ length: 60 }, (_, i) => {
    const word = (digit: number): string => WORDS[Math.floor(i / 4 ** digit) % 4]!;
    return `${word(0)} ${word(1)} ${word(2)},${word(0) === "cold" ? "bad" : "good"}`;
  });
  writeFileSync(texts, `text,label\n${lines.join("\n")}\n`);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(checkpoint, { recursive: true });
});

const copied = (name: string): string => {
  const copy = join(folder, name);
  cpSync(checkpoint, copy, { recursive: true });
  return copy;
};

describe("quantizeBackbone", () => {
  it("writes a checkpoint of its own, with what was measured, that embeds under another fingerprint", async () => {
    const out = join(folder, "variant");
    const result = await quantizeBackbone(checkpoint, { out, calibrate: texts, probe: texts, threads: 1 });
    expect(result).toMatchObject({
      folder: out,
      method: "row-int8.v1",
      weightBits: 7,
      layers: { quantized: 1 },
      calibration: { input: texts, rows: 20 },
      measured: { input: texts, rows: 40, threads: 1 },
      probe: { rows: 60, classes: 2, folds: 5 },
    });
    const { measured, probe } = result;
    expect(measured.cosineMean).toBeGreaterThan(0.999);
    expect(measured.cosineMean).toBeLessThan(1);
    expect(measured.cosineMin).toBeLessThanOrEqual(measured.cosineMean);
    expect(measured.neighbourInfluence).toBeLessThan(1e-5);
    expect(probe!.difference.value).toBeCloseTo(probe!.accuracy.int8 - probe!.accuracy.fp32, 12);
    const { folder: _, fingerprint, warnings, seconds: __, ...manifest } = result;
    expect(JSON.parse(readFileSync(join(out, "onnx", "model_int8.json"), "utf8"))).toEqual(manifest);
    expect(warnings.join()).toContain("some of the probe's rows calibrated");
    expect(readdirSync(out).sort()).toEqual([
      "config.json",
      "onnx",
      "tokenizer.json",
      "tokenizer_config.json",
    ]);
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);

    const { fingerprint: wide } = await resolveBackbone(checkpoint);
    const arrow = join(folder, "x.arrow");
    const embedded = await embed({ input: texts, out: arrow, backbone: out, precision: "int8" });
    expect(embedded).toMatchObject({ rows: 60, feature: { precision: "int8" }, fingerprint });
    expect(fingerprint).not.toBe(wide);
  });

  it("gives the same bytes again", async () => {
    const [a, b] = [join(folder, "once"), join(folder, "twice")];
    await quantizeBackbone(checkpoint, { out: a, calibrate: texts });
    await quantizeBackbone(checkpoint, { out: b, calibrate: texts });
    const graph = (at: string): Buffer => readFileSync(join(at, "onnx", "model_int8.onnx"));
    expect(graph(a).equals(graph(b))).toBe(true);
  });

  it("adds to the backbone's own folder where that is named, and only once", async () => {
    const own = copied("own");
    const result = await quantizeBackbone(own, { out: own, calibrate: texts, weightBits: 8 });
    expect(result.weightBits).toBe(8);
    expect(readdirSync(join(own, "onnx")).sort()).toEqual([
      "model.onnx",
      "model_int8.json",
      "model_int8.onnx",
    ]);
    expect((await resolveBackbone(own)).spec.precision).toBe("fp32");
    expect((await resolveBackbone(own, { precision: "int8" })).spec.precision).toBe("int8");
    await expect(quantizeBackbone(own, { out: own, calibrate: texts })).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining("has an int8 graph already (onnx/model_int8.onnx)"),
    });
  });

  it("refuses before any work what cannot be done", async () => {
    const taken = join(folder, "texts.csv");
    const images = checkpointOf(imageGraph(["batch", 3, 8, 8]), IMAGE_FILES);
    const few = join(folder, "few.csv");
    writeFileSync(few, "text\nthe room\nwas cold\n");
    const nothing = checkpointOf(textGraph(), textFiles());
    const out = join(folder, "never");
    const cases: [() => Promise<unknown>, string, string][] = [
      [
        () => quantizeBackbone(images, { out, calibrate: texts }),
        "usage",
        "int8 variants are made of text backbones only",
      ],
      [
        () => quantizeBackbone(checkpoint, { out: taken, calibrate: texts }),
        "usage",
        "exists already and is not empty",
      ],
      [
        () => quantizeBackbone(checkpoint, { out, calibrate: few }),
        "data",
        "has 2 distinct texts; calibrating needs 30",
      ],
      [
        () => quantizeBackbone(nothing, { out, calibrate: texts }),
        "model",
        "no linear layer with constant float32 weights",
      ],
      [() => quantizeBackbone(join(folder, "variant"), { out }), "usage", "has no fp32 graph to quantise"],
      [
        () => quantizeBackbone(checkpoint, { out, calibrate: texts, probe: few }),
        "data",
        "no labels of two classes",
      ],
      [() => quantizeBackbone(checkpoint, { out: join(texts, "x"), calibrate: texts }), "io", "Cannot write"],
    ];
    for (const [refused, code, message] of cases) {
      await expect(refused()).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    }
    expect(existsSync(out)).toBe(false);
    rmSync(images, { recursive: true });
    rmSync(nothing, { recursive: true });
  });

  it("does not write into the Hub's cache", async () => {
    const before = process.env.HF_HUB_CACHE;
    process.env.HF_HUB_CACHE = folder;
    try {
      const inside = join(folder, "models--org--tiny");
      await expect(quantizeBackbone(checkpoint, { out: inside, calibrate: texts })).rejects.toMatchObject({
        code: "usage",
        message: expect.stringContaining("part of the Hub's cache"),
      });
    } finally {
      if (before === undefined) delete process.env.HF_HUB_CACHE;
      else process.env.HF_HUB_CACHE = before;
    }
  });

  it("leaves nothing behind where it is interrupted", async () => {
    const stop = new AbortController();
    stop.abort();
    const out = join(folder, "interrupted");
    const stopped = quantizeBackbone(checkpoint, { out, calibrate: texts, signal: stop.signal });
    await expect(stopped).rejects.toMatchObject({ code: "interrupted" });
    expect(readdirSync(folder).filter((name) => name.includes(basename(out)))).toEqual([]);
  });
});
