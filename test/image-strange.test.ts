import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import fc from "fast-check";
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

describe("decodeImage of damaged files", () => {
  it("gives an image or says what is wrong, whatever bytes are changed", async () => {
    const change = fc.record({ at: fc.double({ min: 0, max: 0.999, noNaN: true }), byte: fc.nat(255) });
    const damage = fc.record({
      entry: fc.constantFrom(...golden.cases),
      changes: fc.array(change, { minLength: 1, maxLength: 6 }),
      kept: fc.double({ min: 0.05, max: 1, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ entry, changes, kept }) => {
        const whole = Buffer.from(entry.file, "base64");
        const bytes = whole.subarray(0, Math.ceil(whole.length * kept));
        // Headers are where the decisions fall, so that half of the changes go there.
        changes.forEach(({ at, byte }, i) => {
          bytes[Math.floor(at * (i % 2 === 0 ? bytes.length : Math.min(bytes.length, 200)))] = byte;
        });
        const outcome = await decodeImage(bytes, { maxPixels: 1e6 }).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toMatchObject({ code: "data" });
        else expect(outcome).toMatchObject({ width: expect.any(Number) });
      }),
      { numRuns: 600, seed: 4 },
    );
  });
});
