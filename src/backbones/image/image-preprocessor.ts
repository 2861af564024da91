import { HeadstartError } from "../../core/errors.js";
import type { ImagePreprocessor, Resize } from "../backbone.js";
import type { ImageRecipe } from "../preprocess/recipe.js";
import { cropPlace } from "./crop-place.js";
import { type DecodeOptions, decodeImage } from "./decode-image.js";
import { type ImageTransform, imageTransform } from "./image-transform.js";
import { pillowResampler } from "./pillow-resize.js";
import type { PixelPlace } from "./resampler.js";
import { MAX_EDGE, resizedSize, tooThin } from "./resize-rule.js";
import type { ImageSize, RgbImage } from "./rgb-image.js";

export interface ImagePreprocessorOptions {
  /** Default: 100 million. */
  readonly maxPixels?: number;
  /**
   * Default `exact`. `fast` decodes a JPEG at a half, a quarter or an eighth where that leaves at least twice the size
   * it is resized to; its pixels are close to the exact ones, not equal.
   */
  readonly resize?: Resize;
}

/**
 * Prepares images as a Hugging Face `preprocessor_config.json` says, in Pillow's pixels.
 * @param config - the file's content, parsed.
 * @throws {HeadstartError} `model`, naming the key, for a setting that is not reproduced.
 */
export function imagePreprocessor(
  config: unknown,
  options: ImagePreprocessorOptions = {},
): ImagePreprocessor {
  const { resize = "exact", ...limits } = options;
  const transform = imageTransform(config);
  const enough = (whole: ImageSize): ImageSize => {
    const { width, height } = resizedSize(whole, transform.resize);
    return { width: FAST_MARGIN * width, height: FAST_MARGIN * height };
  };
  const decodeOptions: DecodeOptions = resize === "exact" ? limits : { ...limits, enough };
  const apply = pixelTransform(transform);
  const { width, height } = transform.output;
  return Object.freeze<ImagePreprocessor>({
    kind: "image",
    width,
    height,
    recipe: { kind: "image", config: config as ImageRecipe["config"], options },
    prepare: async (image, admit) => {
      const decoded = await decodeImage(image, { ...decodeOptions, admit });
      return apply(decoded, decoded.whole);
    },
  });
}

/** How many times larger than what it is resized to an image stays when it is shrunk while decoding. */
const FAST_MARGIN = 2;

/** What preprocessing does, for the backbone's spec and its fingerprint. */
export function describeImagePreprocessing(
  config: unknown,
  resize: Resize = "exact",
): Readonly<Record<string, unknown>> {
  return {
    decoder: "rgb8, oriented, alpha on white, profiles to sRGB",
    resampler: resize === "exact" ? "pillow" : `pillow, JPEGs shrunk to ${FAST_MARGIN}x while decoding`,
    ...imageTransform(config),
  };
}

/**
 * The transform of a decoded image: `[3, height, width]` float32.
 * `whole` is the image's size before it was shrunk while decoding; default: it was not.
 */
export function pixelTransform(
  transform: ImageTransform,
): (image: RgbImage, whole?: ImageSize) => Float32Array {
  const values = valueTables(transform);
  const { width, height } = transform.output;
  const outside = valueOutside(transform, values);
  return (image, whole = image) => {
    if (Math.max(image.width, image.height) > MAX_EDGE) throw tooThin(image);
    if (3 * image.height * width > MAX_BYTES_BETWEEN) throw tooThin(image);
    const size = resizedSize(whole, transform.resize);
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
