import { mkdtempSync } from "node:fs";
import { readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import { fitsFloat16, float16ToFloat32, float32ToFloat16 } from "../../src/embeddings/file/float16.js";
import { type EmbedOptions, embedDataset, readEmbeddings } from "../../src/embeddings/index.js";
import { datasetOf, textRows, tinyTextBackbone } from "./tiny-backbone.js";

const folder = mkdtempSync(join(tmpdir(), "headstart-half-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

const narrowed = (value: number): number => float16ToFloat32(float32ToFloat16(Float32Array.of(value)))[0]!;

describe("float32ToFloat16", () => {
  it("gives back every half", () => {
    const all = Uint16Array.from({ length: 2 ** 16 }, (_, bits) => bits);
    const back = float32ToFloat16(float16ToFloat32(all));
    const isNaNBits = (bits: number) => (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;
    for (const bits of all) {
      if (isNaNBits(bits)) expect(isNaNBits(back[bits]!)).toBe(true);
      else if (back[bits] !== bits) expect.fail(`${bits} came back as ${back[bits]}`);
    }
  });

  it("rounds to the nearest of all halves, of two equally near to the even one", () => {
    const halves = Array.from(float16ToFloat32(Uint16Array.from({ length: 0x7c00 }, (_, bits) => bits)));
    const rng = random(3);
    for (let i = 0; i < 4_000; i++) {
      const value = Math.fround((rng.next() + 0.5) * 2 ** (rng.integer(42) - 26));
      const got = narrowed(value);
      const at = halves.findIndex((half) => half >= value);
      if (at < 1) continue;
      const [below, above] = [halves[at - 1]!, halves[at]!];
      const nearest = value - below < above - value ? below : value - below > above - value ? above : null;
      expect(got).toBe(nearest ?? (at % 2 === 0 ? above : below));
    }
  });

  it("breaks ties to even, keeps signs, and overflows from 65,520", () => {
    expect(narrowed(1 + 2 ** -11)).toBe(1);
    expect(narrowed(1 + 3 * 2 ** -11)).toBe(1 + 2 ** -9);
    expect(narrowed(2 ** -25)).toBe(0);
    expect(narrowed(2 ** -25 + 2 ** -40)).toBe(2 ** -24);
    expect(Object.is(narrowed(-0), -0)).toBe(true);
    expect(narrowed(-1 / 3)).toBe(-0.333251953125);
    expect(narrowed(65_519.9)).toBe(65_504);
    expect(narrowed(65_520)).toBe(Number.POSITIVE_INFINITY);
    expect(fitsFloat16(Float32Array.of(1, -65_519))).toBe(true);
    expect(fitsFloat16(Float32Array.of(1, -65_520))).toBe(false);
    expect(fitsFloat16(Float32Array.of(Number.NaN))).toBe(false);
  });
});

describe("float16 storage", () => {
  const settings = (more: Partial<EmbedOptions> = {}): EmbedOptions => ({
    dataset: datasetOf(textRows(1500, 2)),
    backbone: tinyTextBackbone({ dim: 32 }),
    out: join(folder, "half.arrow"),
    ...more,
  });

  it("rounds each value once, and takes half the room", async () => {
    const whole = join(folder, "whole.arrow");
    await embedDataset(settings({ vectors: "fp16" }));
    await embedDataset(settings({ out: whole }));
    const half = await readEmbeddings(settings().out);
    const full = await readEmbeddings(whole);
    expect([half.meta.vectors, full.meta.vectors]).toEqual(["fp16", "fp32"]);
    expect(half.meta.fingerprint).toBe(full.meta.fingerprint);
    expect(half.X.data).toEqual(float16ToFloat32(float32ToFloat16(full.X.data)));
    const saved = (await stat(whole)).size - (await stat(settings().out)).size;
    expect(Math.abs(saved - 1500 * 32 * 2)).toBeLessThan(64);
  });

  it("is continued only as such", async () => {
    const out = join(folder, "stopped.arrow");
    const controller = new AbortController();
    const onProgress = ({ done }: { done: number }) => {
      if (done >= 800) controller.abort();
    };
    const run = (more: Partial<EmbedOptions> = {}) =>
      embedDataset(settings({ out, windowRows: 100, ...more }));
    const stopped = run({ vectors: "fp16", signal: controller.signal, onProgress });
    await expect(stopped).rejects.toMatchObject({ code: "interrupted" });
    await expect(run()).rejects.toMatchObject({
      code: "data",
      message: expect.stringMatching(/changed since: vectors \(fp16, now fp32\)/),
    });
    expect((await run({ vectors: "fp16" })).resumedAtRow).toBeGreaterThan(500);
    const { X } = await readEmbeddings(out);
    await run({ vectors: "fp16" });
    expect(X.data).toEqual((await readEmbeddings(out)).X.data);
    expect(await readFile(`${out}.part`).catch(() => null)).toBeNull();
  });

  it("rejects rows whose values are beyond it", async () => {
    const backbone = tinyTextBackbone({ dim: 32 });
    const loud: typeof backbone = {
      ...backbone,
      open: async (session) => {
        const encoder = await backbone.open(session);
        return {
          ...encoder,
          encodeTexts: async (batch) =>
            (await encoder.encodeTexts(batch)).map((value, i) => (i === 5 ? 70_000 : value)),
        };
      },
    };
    const run = (vectors: "fp16" | "fp32") =>
      embedDataset(
        settings({ backbone: loud, vectors, dataset: datasetOf(textRows(20)), batchTokens: 2048 }),
      );
    expect(await run("fp32")).toMatchObject({ rows: 20, rejects: 0 });
    expect(await run("fp16")).toMatchObject({ rows: 19, rejects: 1 });
    expect(await readFile(`${settings().out}.rejects.jsonl`, "utf8")).toContain("use --store fp32");
  });

  it("is nothing else", async () => {
    await expect(embedDataset(settings({ vectors: "fp8" as never }))).rejects.toMatchObject({
      code: "usage",
    });
  });
});
