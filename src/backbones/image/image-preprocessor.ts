import { HeadstartError } from "../../core/errors.js";
import type { ImagePreprocessor } from "../backbone.js";
import { type DecodeOptions, decodeImage } from "./decode-image.js";
import { type ImageTransform, imageTransform } from "./image-transform.js";
import { pillowResize } from "./pillow-resize.js";
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
    const size = resizedSize(image, transform.resize);
    const left = Math.floor((size.width - width) / 2);
    const top = Math.floor((size.height - height) / 2);
    const window = {
      left: Math.max(0, left),
      top: Math.max(0, top),
      width: Math.min(width, size.width),
      height: Math.min(height, size.height),
    };
    const resized = pillowResize(image, size, transform.filter, window);
    return arrange(resized, values, transform.output, { left: Math.max(0, -left), top: Math.max(0, -top) });
  };
}

/** The size after resizing; an image may not grow beyond all measure on its long edge. */
function resizedSize(image: ImageSize, resize: ImageTransform["resize"]): ImageSize {
  if (resize === null) return image;
  if ("width" in resize) return resize;
  const short = Math.min(image.width, image.height);
  const long = Math.max(image.width, image.height);
  const edge = Math.trunc((resize.shortestEdge * long) / short);
  if (edge > MAX_LONG_EDGE) {
    throw new HeadstartError(
      "data",
      `An image of ${image.width} x ${image.height} pixels is too thin to be resized`,
      {
        facts: { width: image.width, height: image.height, longEdge: edge },
        hint: "Leave it out, or pad it.",
      },
    );
  }
  return image.width <= image.height
    ? { width: resize.shortestEdge, height: edge }
    : { width: edge, height: resize.shortestEdge };
}

const MAX_LONG_EDGE = 1 << 20;

/** What each byte becomes, by channel: rescaled, then normalised, each step rounded to float32 as NumPy does. */
function valueTables(transform: ImageTransform): readonly Float32Array[] {
  const { scale, offset, mean, std, divideTwice } = transform;
  const { fround } = Math;
  return [0, 1, 2].map((channel) =>
    Float32Array.from({ length: 256 }, (_, byte) => {
      const rescaled = fround(fround(byte * scale) + offset);
      const centered = fround(rescaled - fround(mean[channel]!));
      const normalized = fround(centered / fround(std[channel]!));
      return divideTwice ? fround(normalized / fround(std[channel]!)) : normalized;
    }),
  );
}

/** Rows of pixels as planes of channels, black around an image that is smaller than the output. */
function arrange(
  image: RgbImage,
  values: readonly Float32Array[],
  size: ImageSize,
  at: { readonly left: number; readonly top: number },
): Float32Array {
  const plane = size.width * size.height;
  const out = new Float32Array(3 * plane);
  const whole = image.width === size.width && image.height === size.height;
  for (let channel = 0; channel < 3; channel++) {
    const table = values[channel]!;
    const base = channel * plane;
    if (!whole) out.fill(table[0]!, base, base + plane);
    for (let y = 0; y < image.height; y++) {
      let to = base + (y + at.top) * size.width + at.left;
      let from = y * image.width * 3 + channel;
      for (let x = 0; x < image.width; x++) {
        out[to++] = table[image.data[from]!]!;
        from += 3;
      }
    }
  }
  return out;
}
