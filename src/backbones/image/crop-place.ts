import type { PixelPlace } from "./resampler.js";
import { roundToEven } from "./resize-rule.js";
import type { ImageSize, ImageWindow } from "./rgb-image.js";

/**
 * Where the output lies on a resized image: `centre` floors an odd difference and puts the odd pixel of a border
 * first, as transformers does; `torchvision` rounds to even, and puts it last; `corner` starts at the upper left.
 */
export type CropAnchor = "centre" | "torchvision" | "corner";

/** The part of the resized image that is kept, and its place in the output. */
export function cropPlace(
  resized: ImageSize,
  output: ImageSize,
  anchor: CropAnchor,
): { readonly window: ImageWindow; readonly place: PixelPlace } {
  const left = START[anchor](resized.width - output.width);
  const top = START[anchor](resized.height - output.height);
  return {
    window: {
      left: Math.max(0, left),
      top: Math.max(0, top),
      width: Math.min(output.width, resized.width),
      height: Math.min(output.height, resized.height),
    },
    place: { ...output, left: Math.max(0, -left), top: Math.max(0, -top) },
  };
}

/** Where the output starts on the image, given how much longer the image is; negative inside a border. */
const START: Readonly<Record<CropAnchor, (excess: number) => number>> = {
  centre: (excess) => Math.floor(excess / 2),
  torchvision: (excess) => (excess < 0 ? Math.ceil(excess / 2) : roundToEven(excess / 2)),
  corner: () => 0,
};
