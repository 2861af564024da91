import { HeadstartError } from "../../core/errors.js";
import type { ImageSize } from "./rgb-image.js";

/**
 * The size that an image is resized to. All but a fixed size keep its proportions:
 * `shortestEdge` floors the other edge; with `longestEdge` it is the limit of that other edge, as DETR's processor
 * has it; `longestEdge` alone rounds, as SAM's; `fitInside` floors both edges; `cover` and `contain` are timm's and
 * round to even.
 */
export type ResizeRule =
  | ImageSize
  | { readonly shortestEdge: number; readonly longestEdge?: number }
  | { readonly longestEdge: number }
  | { readonly fitInside: ImageSize }
  | { readonly cover: ImageSize }
  | { readonly contain: ImageSize };

/**
 * The size of an image after resizing, in pixels; an edge is at least 1.
 * @param rule - null: the image keeps its size.
 * @throws {HeadstartError} `data` for an image whose long edge would grow beyond a million pixels.
 */
export function resizedSize(image: ImageSize, rule: ResizeRule | null): ImageSize {
  if (rule === null) return image;
  if ("width" in rule) return rule;
  const { width, height } = sizeBy(image, rule);
  if (Math.max(width, height) > MAX_EDGE) throw tooThin(image);
  return { width: Math.max(1, width), height: Math.max(1, height) };
}

/** Longest edge of an image, before and after resizing. */
export const MAX_EDGE = 1 << 20;

/** The error for an image of extreme proportions. */
export function tooThin({ width, height }: ImageSize): HeadstartError {
  return new HeadstartError("data", `An image of ${width} x ${height} pixels is too thin to be resized`, {
    facts: { width, height },
    hint: "Leave it out, or pad it.",
  });
}

function sizeBy(image: ImageSize, rule: Exclude<ResizeRule, ImageSize>): ImageSize {
  const { width, height } = image;
  if ("fitInside" in rule) {
    const scale = Math.min(rule.fitInside.width / width, rule.fitInside.height / height);
    return { width: Math.trunc(width * scale), height: Math.trunc(height * scale) };
  }
  if ("cover" in rule || "contain" in rule) {
    const target = "cover" in rule ? rule.cover : rule.contain;
    const ratios = [width / target.width, height / target.height];
    const ratio = "cover" in rule ? Math.min(...ratios) : Math.max(...ratios);
    return { width: roundToEven(width / ratio), height: roundToEven(height / ratio) };
  }
  if (!("shortestEdge" in rule)) {
    const scale = rule.longestEdge / Math.max(width, height);
    return { width: Math.trunc(width * scale + 0.5), height: Math.trunc(height * scale + 0.5) };
  }
  return byShortestEdge(image, rule.shortestEdge, rule.longestEdge ?? null);
}

function byShortestEdge({ width, height }: ImageSize, wanted: number, limit: number | null): ImageSize {
  const short = Math.min(width, height);
  const long = Math.max(width, height);
  const exact = limit !== null && (long / short) * wanted > limit ? (limit * short) / long : wanted;
  const shortest = exact === wanted ? wanted : roundToEven(exact);
  if (limit !== null && short === shortest) return { width, height };
  // DETR's processor floors what the unrounded edge gives.
  const longest = limit === null ? Math.trunc((wanted * long) / short) : Math.trunc((exact * long) / short);
  return width <= height ? { width: shortest, height: longest } : { width: longest, height: shortest };
}

/** Half goes to the even neighbour, as Python's `round` does. */
export function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
