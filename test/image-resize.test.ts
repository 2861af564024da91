import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { javascriptResampler } from "../src/backbones/image/javascript-resampler.js";
import { pillowResize } from "../src/backbones/image/pillow-resize.js";
import type { ResampleFilterName } from "../src/backbones/image/resample-filter.js";
import type { Resampler } from "../src/backbones/image/resampler.js";
import { wasmResampler } from "../src/backbones/image/wasm-resampler.js";
import { sha256 } from "../src/core/hash.js";
import { synthetic } from "./golden/pillow/synthetic.js";

const golden = JSON.parse(readFileSync(new URL("./golden/pillow/resize.json", import.meta.url), "utf8")) as {
  cases: string[];
};

const sizeOf = (text: string) => {
  const [width, height] = text.split("x").map(Number) as [number, number];
  return { width, height };
};

const wasm = wasmResampler();
if (wasm === null) throw new Error("dist/ holds no resample.wasm: run npm run build");

describe.each<Resampler>([wasm, javascriptResampler])("the $name resampler", (resampler) => {
  it("equals Pillow byte for byte, with every filter, shrinking and enlarging", () => {
    const different = golden.cases.filter((line) => {
      const [filter, from, to, digest] = line.split(" ") as [ResampleFilterName, string, string, string];
      const { width, height } = sizeOf(from);
      const size = sizeOf(to);
      const resized = resampler.resize(synthetic(width, height), size, filter, { left: 0, top: 0, ...size });
      return sha256(resized.data).slice(0, 16) !== digest;
    });
    expect(golden.cases.length).toBe(300);
    expect(different).toEqual([]);
  });
});

describe("pillowResize", () => {
  it.each([
    "nearest",
    "bilinear",
    "lanczos",
  ] as const)("computes a window as it stands in the whole (%s)", (filter) => {
    const image = synthetic(90, 61);
    for (const size of [
      { width: 44, height: 30 },
      { width: 90, height: 40 },
      { width: 50, height: 61 },
      { width: 120, height: 99 },
    ]) {
      const whole = pillowResize(image, size, filter);
      const window = { left: 7, top: 5, width: 31, height: 20 };
      const part = pillowResize(image, size, filter, window);
      const rows = Array.from({ length: window.height }, (_, y) => {
        const start = ((y + window.top) * size.width + window.left) * 3;
        return [...whole.data.subarray(start, start + window.width * 3)];
      });
      expect([...part.data]).toEqual(rows.flat());
    }
  });
});
