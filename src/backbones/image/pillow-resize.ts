import { RESAMPLE_FILTERS, type ResampleFilterName } from "./resample-filter.js";
import { type ResampleWeights, resampleWeights, WEIGHT_BITS } from "./resample-weights.js";
import type { ImageSize, ImageWindow, RgbImage } from "./rgb-image.js";

/** Half of one unit of the result, so that shifting right rounds. */
const HALF = 1 << (WEIGHT_BITS - 1);

/**
 * Resizes as Pillow's `Image.resize` does, bit for bit, and computes only the pixels inside `window`.
 * Horizontal pass first, as every Pillow up to 12 does; Pillow 13 swaps the passes for some tall shrinks.
 * @param size - the size of the whole result.
 * @param window - the part of the result to compute, inside `size`; default: all of it.
 * @returns an image of the window's size.
 */
export function pillowResize(
  image: RgbImage,
  size: ImageSize,
  filter: ResampleFilterName,
  window: ImageWindow = { left: 0, top: 0, width: size.width, height: size.height },
): RgbImage {
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
  const columns = positions(image.width, size.width);
  const rows = positions(image.height, size.height);
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

function positions(source: number, target: number): Int32Array {
  const step = source / target;
  const out = new Int32Array(target);
  let position = step * 0.5;
  for (let i = 0; i < target; i++) {
    out[i] = Math.min(source - 1, Math.trunc(position));
    position += step;
  }
  return out;
}
