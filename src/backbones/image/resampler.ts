import type { ResampleFilterName } from "./resample-filter.js";
import type { ImageSize, ImageWindow, RgbImage } from "./rgb-image.js";

/** Where a resized image goes: the size of the planes, and its upper left corner in them. */
export interface PixelPlace extends ImageSize {
  readonly left: number;
  readonly top: number;
}

/** Resizes as Pillow's `Image.resize` does, bit for bit, and computes only the pixels inside a window of the result. */
export interface Resampler {
  readonly name: "wasm" | "javascript";
  /**
   * @param size - of the whole result.
   * @param window - the part of the result to compute, inside `size`.
   * @returns an image of the window's size.
   */
  resize(image: RgbImage, size: ImageSize, filter: ResampleFilterName, window: ImageWindow): RgbImage;
  /**
   * Resizes, and looks each byte up.
   * @param values - `[3, 256]`: what a byte becomes, by channel.
   * @returns `[3, place.height, place.width]` float32, byte 0's value outside the image.
   */
  planes(
    image: RgbImage,
    size: ImageSize,
    filter: ResampleFilterName,
    window: ImageWindow,
    values: Float32Array,
    place: PixelPlace,
  ): Float32Array;
}
