import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  describeImagePreprocessing,
  imagePreprocessor,
  pixelTransform,
} from "../src/backbones/image/image-preprocessor.js";
import { imageTransform } from "../src/backbones/image/image-transform.js";
import { pillowResize } from "../src/backbones/image/pillow-resize.js";
import { HeadstartError } from "../src/core/errors.js";
import { packageRoot } from "../src/core/package-root.js";
import { synthetic } from "./golden/pillow/synthetic.js";

const plain = { do_rescale: false, do_normalize: false, resample: 2 };
const failure = (config: unknown): HeadstartError => {
  try {
    imagePreprocessor(config);
  } catch (error) {
    expect(error).toBeInstanceOf(HeadstartError);
    return error as HeadstartError;
  }
  throw new Error("The configuration was accepted");
};

describe("imageTransform", () => {
  it("reads a ViT configuration of old and of new form alike", () => {
    const old = {
      do_normalize: true,
      do_resize: true,
      image_mean: [0.5, 0.5, 0.5],
      image_std: [0.5, 0.5, 0.5],
      resample: 2,
      size: 224,
    };
    const transform = imageTransform({ feature_extractor_type: "ViTFeatureExtractor", ...old });
    expect(transform).toEqual(
      imageTransform({
        image_processor_type: "ViTImageProcessorFast",
        ...old,
        size: { height: 224, width: 224 },
        do_pad: null,
      }),
    );
    expect(transform).toMatchObject({
      resize: { width: 224, height: 224 },
      crop: null,
      filter: "bilinear",
      scale: 1 / 255,
    });
  });

  it("takes a number as CLIP's short edge, and crops where CLIP does by default", () => {
    const config = {
      image_processor_type: "CLIPImageProcessor",
      size: 224,
      crop_size: 224,
      do_normalize: false,
    };
    expect(imageTransform(config)).toMatchObject({
      resize: { shortestEdge: 224 },
      crop: { width: 224, height: 224 },
      filter: "bicubic",
    });
  });

  it("enlarges by crop_pct and crops, as ConvNext's processor does for ResNet, but not from 384 on", () => {
    const config = {
      feature_extractor_type: "ConvNextFeatureExtractor",
      crop_pct: 0.875,
      resample: 3,
      do_normalize: false,
    };
    expect(imageTransform({ ...config, size: { shortest_edge: 224 } })).toMatchObject({
      resize: { shortestEdge: 256 },
      crop: { width: 224, height: 224 },
    });
    expect(imageTransform({ ...config, size: 384 })).toMatchObject({
      resize: { width: 384, height: 384 },
      crop: null,
    });
  });

  it.each([
    ["nearest", "nearest"],
    ["LANCZOS", "lanczos"],
    ["PILImageResampling.BICUBIC", "bicubic"],
    [5, "hamming"],
  ])("reads the filter %j", (resample, filter) => {
    const config = { ...plain, size: { height: 8, width: 8 }, resample };
    expect(imageTransform(config).filter).toBe(filter);
  });

  it.each([
    ["pad_size", { ...plain, size: { height: 8, width: 8 }, do_pad: true, pad_size: 16 }],
    ["size", { ...plain, size: { longest_edge: 8 }, do_pad: true }],
    ["size", { ...plain, size: { shortest_edge: 8, longest_edge: 16 } }],
    ["size", { ...plain, size: { longest_edge: 16 } }],
    ["size", { ...plain, size: { shortest_edge: 8 } }],
    ["size", { ...plain, size: 8 }],
    ["size", { ...plain, size: { height: 8, width: -1 } }],
    ["size", plain],
    ["crop_size", { ...plain, size: { height: 8, width: 8 }, do_center_crop: true }],
    ["resample", { ...plain, size: { height: 8, width: 8 }, resample: 6 }],
    ["resample", { do_normalize: false, size: { height: 8, width: 8 } }],
    ["image_mean", { ...plain, size: { height: 8, width: 8 }, do_normalize: true, image_std: [1, 1, 1] }],
    [
      "image_std",
      {
        ...plain,
        size: { height: 8, width: 8 },
        do_normalize: true,
        image_mean: [0, 0, 0],
        image_std: [1, 1],
      },
    ],
    ["ensure_multiple_of", { ...plain, size: { height: 8, width: 8 }, ensure_multiple_of: 32 }],
    ["do_resize", { ...plain, do_resize: "yes" }],
    ["crop_pct", { ...plain, size: { height: 8, width: 8 }, crop_pct: 0.9 }],
    ["resample", { ...plain, size: { height: 8, width: 8 }, resample: "area" }],
    ["resample", { image_processor_type: "ConvNextImageProcessor", size: { shortest_edge: 8 } }],
    ["do_center_crop", { image_processor_type: "BeitImageProcessor", size: 8, resample: 2 }],
    [
      "do_flip_channel_order",
      { image_processor_type: "ViTImageProcessor", size: 8, do_flip_channel_order: true },
    ],
    ["do_thumbnail", { ...plain, size: { height: 8, width: 8 }, do_thumbnail: true }],
    ["size", { ...plain, size: { shortest_edge: 8, height: 9 } }],
    ["input_size", { input_size: [1, 28, 28] }],
    ["input_size", { input_size: [3, 8192, 8192] }],
    ["interpolation", { input_size: [3, 28, 28], interpolation: "random" }],
    ["crop_mode", { input_size: [3, 28, 28], crop_mode: "five" }],
    ["crop_border_pixels", { input_size: [3, 28, 28], crop_border_pixels: 4 }],
    [
      "rescale_offset",
      { size: { height: 8, width: 8 }, resample: 2, do_normalize: false, rescale_offset: true },
    ],
    [
      "image_processor_type",
      { ...plain, size: { height: 8, width: 8 }, image_processor_type: "DPTImageProcessor" },
    ],
  ])("refuses what it does not understand, naming '%s'", (key, config) => {
    const error = failure(config);
    expect(error.code).toBe("model");
    expect(error.message).toContain(`'${key}'`);
    expect(error.facts).toMatchObject({ key });
  });

  it("refuses a file that holds no object", () => {
    expect(failure([1, 2]).code).toBe("model");
  });

  it("describes itself as plain JSON", () => {
    const description = describeImagePreprocessing({ ...plain, size: { height: 8, width: 8 } });
    expect(JSON.parse(JSON.stringify(description))).toEqual(description);
    expect(description).not.toEqual(
      describeImagePreprocessing({ ...plain, resample: 3, size: { height: 8, width: 8 } }),
    );
  });
});

describe("pixelTransform", () => {
  const image = synthetic(40, 25);

  it("gives planes of channels, rescaled and normalised", () => {
    const mean = [0.485, 0.456, 0.406] as const;
    const std = [0.229, 0.224, 0.225] as const;
    const config = {
      do_resize: false,
      do_center_crop: true,
      crop_size: { height: 25, width: 40 },
      image_mean: mean,
      image_std: std,
    };
    const pixels = pixelTransform(imageTransform(config))(image);
    expect(pixels.length).toBe(3 * 25 * 40);
    for (const [c, y, x] of [
      [0, 0, 0],
      [1, 24, 39],
      [2, 13, 20],
    ] as const) {
      const expected = (image.data[(y * 40 + x) * 3 + c]! / 255 - mean[c]) / std[c];
      expect(pixels[(c * 25 + y) * 40 + x]).toBeCloseTo(expected, 5);
    }
  });

  it("divides by the deviation twice for EfficientNet, unless include_top is false", () => {
    const config = {
      image_processor_type: "EfficientNetImageProcessor",
      resample: 0,
      size: { height: 25, width: 40 },
      image_mean: [0.5, 0.5, 0.5],
      image_std: [0.25, 0.5, 0.8],
    };
    const twice = pixelTransform(imageTransform(config))(image);
    const once = pixelTransform(imageTransform({ ...config, include_top: false }))(image);
    for (const [c, deviation] of [0.25, 0.5, 0.8].entries()) {
      expect(twice[c * 1000 + 77]).toBeCloseTo(once[c * 1000 + 77]! / deviation, 5);
    }
    const signed = { include_top: false, rescale_offset: true, rescale_factor: 1 / 127.5 };
    const shifted = pixelTransform(imageTransform({ ...config, ...signed }))(image);
    expect(shifted[77]).toBeCloseTo(once[77]! * 2 - 0.5 / 0.25, 4);
  });

  it("floors the long edge, and crops from the floored centre", () => {
    const config = {
      ...plain,
      size: { shortest_edge: 16 },
      do_center_crop: true,
      crop_size: { height: 11, width: 12 },
    };
    const pixels = pixelTransform(imageTransform(config))(image);
    const whole = pillowResize(image, { width: Math.floor((16 * 40) / 25), height: 16 }, "bilinear");
    expect(whole.width).toBe(25);
    const [left, top] = [Math.floor((25 - 12) / 2), Math.floor((16 - 11) / 2)];
    for (let y = 0; y < 11; y++) {
      for (let x = 0; x < 12; x++) {
        expect(pixels[(11 + y) * 12 + x]).toBe(whole.data[((y + top) * 25 + x + left) * 3 + 1]);
      }
    }
  });

  it("surrounds an image that is smaller than the crop with black, the odd pixel first", () => {
    const config = { ...plain, do_resize: false, do_center_crop: true, crop_size: { height: 28, width: 40 } };
    const pixels = pixelTransform(imageTransform(config))(image);
    expect([...pixels.subarray(0, 80)]).toEqual(new Array(80).fill(0));
    expect([...pixels.subarray(80, 120)]).toEqual(Array.from({ length: 40 }, (_, x) => image.data[x * 3]));
    expect([...pixels.subarray(27 * 40, 28 * 40)]).toEqual(new Array(40).fill(0));
  });
});

const lite = join(packageRoot(), "../shared/models/efficientnet-lite0/preprocessor_config.json");
describe("a real checkpoint's configuration", () => {
  it.skipIf(!existsSync(lite))("is understood (skipped: ../shared absent)", () => {
    const transform = imageTransform(JSON.parse(readFileSync(lite, "utf8")));
    expect(transform).toMatchObject({ resize: { shortestEdge: 256 }, filter: "bicubic", divideTwice: false });
    expect(transform.output).toEqual({ width: 224, height: 224 });
  });
});
