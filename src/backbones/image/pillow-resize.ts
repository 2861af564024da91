import { javascriptResampler } from "./javascript-resampler.js";
import type { ResampleFilterName } from "./resample-filter.js";
import type { Resampler } from "./resampler.js";
import type { ImageSize, ImageWindow, RgbImage } from "./rgb-image.js";
import { resampleModulePath } from "./wasm-module.js";
import { wasmResampler } from "./wasm-resampler.js";

const chosen = new Map<string, Resampler>();

/** The fastest resampler that runs here, chosen at the first image: WebAssembly, else JavaScript. */
export function pillowResampler(modulePath = resampleModulePath()): Resampler {
  const known = chosen.get(modulePath);
  if (known !== undefined) return known;
  const resampler = wasmResampler(modulePath) ?? javascriptResampler;
  chosen.set(modulePath, resampler);
  return resampler;
}

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
  return pillowResampler().resize(image, size, filter, window);
}
