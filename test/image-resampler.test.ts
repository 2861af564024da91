import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { javascriptResampler } from "../src/backbones/image/javascript-resampler.js";
import { pillowResampler } from "../src/backbones/image/pillow-resize.js";
import { RESAMPLE_FILTER_NAMES } from "../src/backbones/image/resample-filter.js";
import type { RgbImage } from "../src/backbones/image/rgb-image.js";
import { wasmResampler } from "../src/backbones/image/wasm-resampler.js";
import { synthetic } from "./golden/pillow/synthetic.js";

const wasm = wasmResampler();
if (wasm === null) throw new Error("dist/ holds no resample.wasm: run npm run build");

const edge = fc.integer({ min: 1, max: 90 });
const pixels = (width: number, height: number, seed: number): RgbImage => {
  const data = new Uint8Array(width * height * 3);
  let state = seed;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
    const byte = (state >>> 20) & 255;
    data[i] = seed % 2 === 0 ? byte : byte > 127 ? 255 : 0;
  }
  return { data, width, height };
};
/** Where a share of `from` lies in a range of `length`, and how much is left of it. */
const span = (length: number, start: number, share: number): [number, number] => {
  const from = Math.min(length - 1, Math.floor(start * length));
  return [from, Math.max(1, Math.floor(share * (length - from)))];
};
const unit = fc.double({ min: 0, max: 1, noNaN: true });
const scenario = fc.record({
  width: edge,
  height: edge,
  size: fc.record({ width: edge, height: edge }),
  filter: fc.constantFrom(...RESAMPLE_FILTER_NAMES),
  left: unit,
  top: unit,
  across: unit,
  down: unit,
  seed: fc.integer({ min: 1, max: 1 << 20 }),
});

describe("the WebAssembly resampler", () => {
  it("gives the bytes of the JavaScript one, whatever the sizes, the filter and the window", () => {
    fc.assert(
      fc.property(scenario, ({ width, height, size, filter, left, top, across, down, seed }) => {
        const image = pixels(width, height, seed);
        const [x, w] = span(size.width, left, across);
        const [y, h] = span(size.height, top, down);
        const window = { left: x, top: y, width: w, height: h };
        const ours = wasm.resize(image, size, filter, window);
        const theirs = javascriptResampler.resize(image, size, filter, window);
        expect(Buffer.compare(ours.data, theirs.data)).toBe(0);
        const values = Float32Array.from({ length: 768 }, (_, i) => Math.fround(i / 3) - 100);
        const place = { width: w + 5, height: h + 3, left: 2, top: 3 };
        const planes = wasm.planes(image, size, filter, window, values, place);
        expect(planes).toEqual(javascriptResampler.planes(image, size, filter, window, values, place));
      }),
      { numRuns: 400, seed: 4 },
    );
  });

  it("takes rows and columns longer than its strips and its ring", () => {
    for (const [width, height, to] of [
      [30_000, 3, { width: 20, height: 2 }],
      [3, 30_000, { width: 2, height: 20 }],
      [2, 900, { width: 900, height: 2 }],
      [700, 701, { width: 699, height: 1 }],
    ] as const) {
      const image = pixels(width, height, width);
      for (const filter of RESAMPLE_FILTER_NAMES) {
        const window = { left: 0, top: 0, ...to };
        const ours = wasm.resize(image, to, filter, window);
        expect(Buffer.compare(ours.data, javascriptResampler.resize(image, to, filter, window).data)).toBe(0);
      }
    }
  });

  it("keeps its memory over 10,000 images, and leaves earlier results alone", () => {
    const image = synthetic(60, 40);
    const size = { width: 24, height: 16 };
    const window = { left: 4, top: 0, width: 16, height: 16 };
    const values = new Float32Array(768).map((_, i) => i);
    const place = { width: 16, height: 16, left: 0, top: 0 };
    const first = wasm.planes(image, size, "bicubic", window, values, place);
    const kept = first.slice();
    const before = process.memoryUsage();
    for (let i = 0; i < 10_000; i++) wasm.planes(image, size, "bicubic", window, values, place);
    const after = process.memoryUsage();
    expect(first).toEqual(kept);
    const growth = after.rss - before.rss - (after.arrayBuffers - before.arrayBuffers);
    expect(growth).toBeLessThan(40e6);
  });

  it("gives back the memory of a large image", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const resident = async (): Promise<number> => {
      collect();
      await setTimeout(200);
      collect();
      return process.memoryUsage().rss;
    };
    const small = synthetic(9, 7);
    const tiny = { left: 0, top: 0, width: 5, height: 4 };
    const large = synthetic(5000, 200);
    const size = { width: 5000, height: 5000 };
    const before = await resident();
    const enlarge = (): number =>
      wasm.resize(large, size, "bilinear", { left: 0, top: 0, ...size }).data.length;
    for (let i = 0; i < 3; i++) {
      expect(enlarge()).toBe(75_000_000);
      wasm.resize(small, tiny, "box", tiny);
    }
    expect((await resident()) - before).toBeLessThan(50e6);
  });
});

describe("where the module is missing or no module", () => {
  it("there is no WebAssembly resampler, and the JavaScript one takes its place", () => {
    expect(wasmResampler("/nowhere/resample.wasm")).toBeNull();
    const path = join(mkdtempSync(join(tmpdir(), "headstart-wasm-")), "resample.wasm");
    writeFileSync(path, "no module");
    expect(wasmResampler(path)).toBeNull();
    expect(pillowResampler("/nowhere/resample.wasm").name).toBe("javascript");
    expect(pillowResampler().name).toBe("wasm");
  });
});
