import { HeadstartError } from "../../core/errors.js";
import type { ImagePreprocessor } from "../backbone.js";
import { type DecodeOptions, decodeImage } from "./decode-image.js";
import { type ImageTransform, imageTransform } from "./image-transform.js";
import { pillowResampler } from "./pillow-resize.js";
import type { ImageSize, RgbImage } from "./rgb-image.js";

/**
 * Prepares images as a Hugging Face `preprocessor_config.json` says, in Pillow's pixels.
 * @param config - the file's content, parsed.
 * @throws {HeadstartError} `model`, naming the key, for a setting that is not reproduced.
 */
export function imagePreprocessor(config: unknown, options: DecodeOptions = {}): ImagePreprocessor {
  const transform = imageTransform(config);
  const apply = pixelTransform(transform);
  const { width, height } = transform.output;
  return Object.freeze<ImagePreprocessor>({
    kind: "image",
    width,
    height,
    prepare: async (image) => apply(await decodeImage(image, options)),
  });
}

/** What preprocessing does, for the backbone's spec and its fingerprint. */
export function describeImagePreprocessing(config: unknown): Readonly<Record<string, unknown>> {
  return { decoder: "rgb8, oriented, alpha on white", resampler: "pillow", ...imageTransform(config) };
}

/** The transform of a decoded image: `[3, height, width]` float32. */
export function pixelTransform(transform: ImageTransform): (image: RgbImage) => Float32Array {
  const values = valueTables(transform);
  const { width, height } = transform.output;
  return (image) => {
    if (Math.max(image.width, image.height) > MAX_EDGE) throw tooThin(image);
    if (3 * image.height * width > MAX_BYTES_BETWEEN) throw tooThin(image);
    const size = resizedSize(image, transform.resize);
    const left = Math.floor((size.width - width) / 2);
    const top = Math.floor((size.height - height) / 2);
    const window = {
      left: Math.max(0, left),
      top: Math.max(0, top),
      width: Math.min(width, size.width),
      height: Math.min(height, size.height),
    };
    const place = { width, height, left: Math.max(0, -left), top: Math.max(0, -top) };
    return pillowResampler().planes(image, size, transform.filter, window, values, place);
  };
}

/** The size after resizing; an image may not grow beyond all measure on its long edge. */
function resizedSize(image: ImageSize, resize: ImageTransform["resize"]): ImageSize {
  if (resize === null) return image;
  if ("width" in resize) return resize;
  const short = Math.min(image.width, image.height);
  const long = Math.max(image.width, image.height);
  const edge = Math.trunc((resize.shortestEdge * long) / short);
  if (edge > MAX_EDGE) throw tooThin(image);
  return image.width <= image.height
    ? { width: resize.shortestEdge, height: edge }
    : { width: edge, height: resize.shortestEdge };
}

/** Longest edge of an image, before and after resizing. */
const MAX_EDGE = 1 << 20;

/** Most bytes between the horizontal and the vertical pass. */
const MAX_BYTES_BETWEEN = 2 ** 30;

function tooThin({ width, height }: ImageSize): HeadstartError {
  return new HeadstartError("data", `An image of ${width} x ${height} pixels is too thin to be resized`, {
    facts: { width, height },
    hint: "Leave it out, or pad it.",
  });
}

/** What each byte becomes, by channel: rescaled, then normalised, each step rounded to float32 as NumPy does. */
function valueTables(transform: ImageTransform): Float32Array {
  const { scale, offset, mean, std, divideTwice } = transform;
  const { fround } = Math;
  return Float32Array.from({ length: 3 * 256 }, (_, at) => {
    const channel = at >> 8;
    const rescaled = fround(fround((at & 255) * scale) + offset);
    const centered = fround(rescaled - fround(mean[channel]!));
    const normalized = fround(centered / fround(std[channel]!));
    return divideTwice ? fround(normalized / fround(std[channel]!)) : normalized;
  });
}
