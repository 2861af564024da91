import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { decodeImage } from "../src/backbones/image/decode-image.js";
import { describeImagePreprocessing, imagePreprocessor } from "../src/backbones/image/image-preprocessor.js";
import { synthetic } from "./golden/pillow/synthetic.js";

const config = {
  do_resize: true,
  size: { shortest_edge: 64 },
  do_center_crop: true,
  crop_size: { height: 56, width: 56 },
  resample: 3,
  image_mean: [0, 0, 0],
  image_std: [1, 1, 1],
  image_processor_type: "ViTImageProcessor",
};
/** A photo-like picture: smooth, with edges. */
const photo = (width: number, height: number) => {
  const { data } = synthetic(16, 12);
  return sharp(data, { raw: { width: 16, height: 12, channels: 3 } }).resize(width, height, {
    fit: "fill",
    kernel: "cubic",
  });
};
const cosine = (a: Float32Array, b: Float32Array): number => {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};

describe("resize: fast", () => {
  const exact = imagePreprocessor(config);
  const fast = imagePreprocessor(config, { resize: "fast" });

  it.each([
    [1600, 1200],
    [1201, 1607],
    [799, 533],
  ])("is near the exact pixels of a JPEG of %i x %i", async (width, height) => {
    const jpeg = await photo(width, height).jpeg({ quality: 92 }).toBuffer();
    const near = await fast.prepare(jpeg);
    const same = await exact.prepare(jpeg);
    expect(near).not.toEqual(same);
    expect(cosine(near, same)).toBeGreaterThan(0.9999);
  });

  it("turns before it shrinks", async () => {
    const jpeg = await photo(1200, 900).jpeg({ quality: 92 }).withMetadata({ orientation: 6 }).toBuffer();
    const decoded = await decodeImage(jpeg, { enough: () => ({ width: 200, height: 300 }) });
    expect(decoded).toMatchObject({ width: 225, height: 300, whole: { width: 900, height: 1200 } });
    expect(cosine(await fast.prepare(jpeg), await exact.prepare(jpeg))).toBeGreaterThan(0.9999);
  });

  it("never falls below the size that is enough", async () => {
    const jpeg = await photo(400, 300).jpeg().toBuffer();
    const widths = [50, 51, 100, 101, 200, 201].map(async (edge) => {
      const enough = ({ width }: { width: number }) =>
        width === 400 ? { width: edge, height: 1 } : { width: 1, height: edge };
      return (await decodeImage(jpeg, { enough })).width;
    });
    expect(await Promise.all(widths)).toEqual([50, 100, 100, 200, 200, 400]);
  });

  it("changes nothing in a small JPEG, or in another format", async () => {
    for (const image of [
      await photo(200, 150).jpeg().toBuffer(),
      await photo(1600, 1200).png().toBuffer(),
      await photo(1600, 1200).webp().toBuffer(),
    ]) {
      expect(await fast.prepare(image)).toEqual(await exact.prepare(image));
    }
  });

  it("is part of the description, so that fingerprints differ", () => {
    expect(describeImagePreprocessing(config, "fast")).not.toEqual(describeImagePreprocessing(config));
    expect(describeImagePreprocessing(config, "exact")).toEqual(describeImagePreprocessing(config));
  });
});
