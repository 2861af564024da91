import type { ImageSize } from "../image/rgb-image.js";

/**
 * Whether a feature map has its channels last, `[n, height, width, c]`: going by the two axes whose sizes are to each
 * other as the image's; where both layouts fit, they come first. Of sizes that are not known, only the channels' is told.
 * @param shape - of a map, from a run or as the graph declares it; a string is a size that is not known.
 * @param image - what the network was fed with, or will be.
 */
export function hasChannelsLast(
  shape: readonly (number | string)[],
  image: Pick<ImageSize, "width" | "height">,
): boolean {
  const [, first, second, third] = shape;
  if (typeof third !== "number" || shape.length !== 4) return false;
  if (typeof first !== "number" || typeof second !== "number") {
    return typeof first !== "number" && typeof second !== "number";
  }
  const misfit = (height: number, width: number): number =>
    Math.abs(Math.log(height / width) - Math.log(image.height / image.width));
  return misfit(first, second) < misfit(second, third);
}
