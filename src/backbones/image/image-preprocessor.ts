import { HeadstartError } from "../../core/errors.js";
import type { ImagePreprocessor } from "../backbone.js";
import { cropPlace } from "./crop-place.js";
import { type DecodeOptions, decodeImage } from "./decode-image.js";
import { type ImageTransform, imageTransform } from "./image-transform.js";
import { pillowResampler } from "./pillow-resize.js";
import type { PixelPlace } from "./resampler.js";
import { MAX_EDGE, resizedSize, tooThin } from "./resize-rule.js";
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
  const outside = valueOutside(transform, values);
  return (image) => {
    if (Math.max(image.width, image.height) > MAX_EDGE) throw tooThin(image);
    if (3 * image.height * width > MAX_BYTES_BETWEEN) throw tooThin(image);
    const size = resizedSize(image, transform.resize);
    const { window, place } = cropPlace(size, transform.output, transform.anchor ?? "centre");
    if (transform.anchor === "corner" && (size.width > width || size.height > height)) throw tooLarge(size);
    const planes = pillowResampler().planes(image, size, transform.filter, window, values, place);
    if (outside !== null) fillOutside(planes, window, place, outside);
    if (transform.flip) swapPlanes(planes, width * height);
    return planes;
  };
}

/** Most bytes between the horizontal and the vertical pass. */
const MAX_BYTES_BETWEEN = 2 ** 30;

function tooLarge({ width, height }: ImageSize): HeadstartError {
  return new HeadstartError(
    "data",
    `An image is ${width} x ${height} pixels once resized, more than pad_size`,
    {
      facts: { width, height },
      hint: "Leave it out, or raise pad_size in preprocessor_config.json.",
    },
  );
}

/** What stands around the image, by channel; null for black, which the resampler leaves there. */
function valueOutside({ anchor, fill }: ImageTransform, values: Float32Array): readonly number[] | null {
  if (anchor === "corner") return [0, 0, 0];
  return fill === undefined ? null : fill.map((byte, channel) => values[channel * 256 + byte]!);
}

function fillOutside(
  planes: Float32Array,
  window: ImageSize,
  place: PixelPlace,
  values: readonly number[],
): void {
  const { width, height, left, top } = place;
  values.forEach((value, channel) => {
    const plane = planes.subarray(channel * width * height, (channel + 1) * width * height);
    plane.fill(value, 0, top * width);
    plane.fill(value, (top + window.height) * width);
    for (let y = top; y < top + window.height; y++) {
      plane.fill(value, y * width, y * width + left);
      plane.fill(value, y * width + left + window.width, (y + 1) * width);
    }
  });
}

/** Red first becomes blue first. */
function swapPlanes(planes: Float32Array, pixels: number): void {
  const red = planes.slice(0, pixels);
  planes.copyWithin(0, 2 * pixels);
  planes.set(red, 2 * pixels);
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
