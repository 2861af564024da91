import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { decodeImage } from "../src/backbones/image/decode-image.js";
import { sha256 } from "../src/core/hash.js";

interface Exact {
  readonly name: string;
  readonly file: string;
  readonly sha256: string;
}
interface Near {
  readonly name: string;
  readonly file: string;
  /** Deflated. */
  readonly pixels: string;
  readonly tolerance: number;
}
const golden = JSON.parse(readFileSync(new URL("./golden/pillow/strange.json", import.meta.url), "utf8")) as {
  cases: (Exact | Near)[];
};

const exact = golden.cases.filter((entry): entry is Exact => "sha256" in entry);
const near = golden.cases.filter((entry): entry is Near => "tolerance" in entry);

describe("decodeImage equals Pillow byte for byte", () => {
  it.each(exact)("$name", async ({ file, sha256: expected }) => {
    const { data } = await decodeImage(Buffer.from(file, "base64"));
    expect(sha256(data)).toBe(expected);
  });
});

describe("decodeImage equals Pillow within rounding", () => {
  it.each(near)("$name", async ({ file, pixels, tolerance }) => {
    const { data } = await decodeImage(Buffer.from(file, "base64"));
    const expected = inflateSync(Buffer.from(pixels, "base64"));
    expect(data.length).toBe(expected.length);
    const worst = data.reduce((most, level, i) => Math.max(most, Math.abs(level - expected[i]!)), 0);
    expect(worst).toBeLessThanOrEqual(tolerance);
  });
});
