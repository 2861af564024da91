import { nearestPositions } from "./nearest-positions.js";
import { RESAMPLE_FILTERS, type ResampleFilterName } from "./resample-filter.js";
import { type ResampleWeights, resampleWeights, WEIGHT_BITS } from "./resample-weights.js";
import type { PixelPlace, Resampler } from "./resampler.js";
import type { ImageSize, ImageWindow, RgbImage } from "./rgb-image.js";

/** Half of one unit of the result, so that shifting right rounds. */
const HALF = 1 << (WEIGHT_BITS - 1);

/** The resampler for where WebAssembly or its SIMD is missing; about four times slower. */
export const javascriptResampler: Resampler = Object.freeze<Resampler>({
  name: "javascript",
  resize,
  planes: (image, size, filter, window, values, place) =>
    planesOf(resize(image, size, filter, window), values, place),
});

function resize(image: RgbImage, size: ImageSize, filter: ResampleFilterName, window: ImageWindow): RgbImage {
  if (filter === "nearest") return nearest(image, size, window);
  const kernel = RESAMPLE_FILTERS[filter];
  const columns = resampleWeights(kernel, image.width, size.width, window.left, window.left + window.width);
  const rows = resampleWeights(kernel, image.height, size.height, window.top, window.top + window.height);
  const keepRows = size.height === image.height;
  const last = window.height - 1;
  const top = keepRows ? window.top : rows.first[0]!;
  const bottom = keepRows ? window.top + window.height : rows.first[last]! + rows.count[last]!;
  const narrow =
    size.width === image.width
      ? cropRows(image, window, top, bottom)
      : resizeColumns(image, columns, window.width, top, bottom);
  const data = keepRows ? narrow : resizeRows(narrow, rows, window, top);
  return { data, width: window.width, height: window.height };
}

/** The window's columns of the rows `top` to `bottom`, unchanged. */
function cropRows(image: RgbImage, window: ImageWindow, top: number, bottom: number): Uint8Array {
  const stride = window.width * 3;
  const out = new Uint8Array(stride * (bottom - top));
  for (let y = top; y < bottom; y++) {
    const start = (y * image.width + window.left) * 3;
    out.set(image.data.subarray(start, start + stride), (y - top) * stride);
  }
  return out;
}

/** The horizontal pass over the rows `top` to `bottom`. */
function resizeColumns(
  image: RgbImage,
  { first, count, weights, taps }: ResampleWeights,
  width: number,
  top: number,
  bottom: number,
): Uint8Array {
  const source = image.data;
  const out = new Uint8ClampedArray(width * 3 * (bottom - top));
  let at = 0;
  for (let y = top; y < bottom; y++) {
    const row = y * image.width * 3;
    for (let x = 0; x < width; x++) {
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      let pixel = row + first[x]! * 3;
      const end = x * taps + count[x]!;
      for (let k = x * taps; k < end; k++) {
        const weight = weights[k]!;
        red = (red + Math.imul(weight, source[pixel]!)) | 0;
        green = (green + Math.imul(weight, source[pixel + 1]!)) | 0;
        blue = (blue + Math.imul(weight, source[pixel + 2]!)) | 0;
        pixel += 3;
      }
      out[at] = red >> WEIGHT_BITS;
      out[at + 1] = green >> WEIGHT_BITS;
      out[at + 2] = blue >> WEIGHT_BITS;
      at += 3;
    }
  }
  return new Uint8Array(out.buffer);
}

/** The vertical pass; `source` starts at the image's row `top`. */
function resizeRows(
  source: Uint8Array,
  { first, count, weights, taps }: ResampleWeights,
  window: ImageWindow,
  top: number,
): Uint8Array {
  const stride = window.width * 3;
  const out = new Uint8ClampedArray(stride * window.height);
  let at = 0;
  for (let y = 0; y < window.height; y++) {
    const row = (first[y]! - top) * stride;
    const end = y * taps + count[y]!;
    for (let x = 0; x < stride; x += 3) {
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      let pixel = row + x;
      for (let k = y * taps; k < end; k++) {
        const weight = weights[k]!;
        red = (red + Math.imul(weight, source[pixel]!)) | 0;
        green = (green + Math.imul(weight, source[pixel + 1]!)) | 0;
        blue = (blue + Math.imul(weight, source[pixel + 2]!)) | 0;
        pixel += stride;
      }
      out[at] = red >> WEIGHT_BITS;
      out[at + 1] = green >> WEIGHT_BITS;
      out[at + 2] = blue >> WEIGHT_BITS;
      at += 3;
    }
  }
  return new Uint8Array(out.buffer);
}

/** Pillow's nearest: source positions are summed up step by step, rounding error included. */
function nearest(image: RgbImage, size: ImageSize, window: ImageWindow): RgbImage {
  const columns = nearestPositions(image.width, size.width);
  const rows = nearestPositions(image.height, size.height);
  const data = new Uint8Array(window.width * window.height * 3);
  let at = 0;
  for (let y = window.top; y < window.top + window.height; y++) {
    const row = rows[y]! * image.width;
    for (let x = window.left; x < window.left + window.width; x++) {
      const pixel = (row + columns[x]!) * 3;
      data[at] = image.data[pixel]!;
      data[at + 1] = image.data[pixel + 1]!;
      data[at + 2] = image.data[pixel + 2]!;
      at += 3;
    }
  }
  return { data, width: window.width, height: window.height };
}

/** Rows of pixels as planes of channels. */
function planesOf(image: RgbImage, values: Float32Array, place: PixelPlace): Float32Array {
  const plane = place.width * place.height;
  const out = new Float32Array(3 * plane);
  const whole = image.width === place.width && image.height === place.height;
  for (let channel = 0; channel < 3; channel++) {
    const table = values.subarray(channel * 256, channel * 256 + 256);
    const base = channel * plane;
    if (!whole) out.fill(table[0]!, base, base + plane);
    for (let y = 0; y < image.height; y++) {
      let to = base + (y + place.top) * place.width + place.left;
      let from = y * image.width * 3 + channel;
      for (let x = 0; x < image.width; x++) {
        out[to++] = table[image.data[from]!]!;
        from += 3;
      }
    }
  }
  return out;
}
