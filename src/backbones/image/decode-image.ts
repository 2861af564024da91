import { readFile } from "node:fs/promises";
import type { Sharp, SharpOptions } from "sharp";
import { HeadstartError, messageOf } from "../../core/errors.js";
import { STAND_INS, standInOf } from "../../core/stand-in.js";
import { bmpImage, bmpPixels } from "./bmp-image.js";
import { drawSvgApart, isQuickToDraw } from "./draw-svg.js";
import { iccProfile, profileSpaceOf } from "./icc-profile.js";
import { imageFormat, UNREADABLE_FORMATS } from "./image-format.js";
import { jpegHeader } from "./jpeg-header.js";
import type { ImageSize, RgbImage } from "./rgb-image.js";
import { cmykToRgb, greyToRgb, onWhite } from "./rgb-pixels.js";
import { type SvgContent, svgContent } from "./svg-content.js";

/** Images of more pixels are refused before they are decoded. */
export const DEFAULT_MAX_PIXELS = 100_000_000;

export interface DecodeOptions {
  /** Default: 100 million. */
  readonly maxPixels?: number;
  /**
   * The smallest size that is enough for an image of the given size: a JPEG is then decoded at a half, a quarter or an
   * eighth, as long as it does not get smaller. Default: every image is decoded whole.
   */
  readonly enough?: (whole: ImageSize) => ImageSize;
  /** Awaited before the pixels are decoded, with their number. Default: none waits. */
  readonly admit?: ((pixels: number) => Promise<void>) | undefined;
}

/** A decoded image, and the size of the whole one where it was shrunk while decoding. */
export interface DecodedImage extends RgbImage {
  readonly whole: ImageSize;
}

/**
 * Decodes an image to 8-bit RGB, the same bytes as Pillow's `convert("RGB")` after `exif_transpose`:
 * orientation applied, the first frame of an animation, the first page of a TIFF.
 * Three exceptions: transparency is blended on white, 16-bit grey keeps its high byte, and colours with an embedded ICC
 * profile other than sRGB are converted to sRGB, where Pillow's `convert`, and so `transformers`, ignores profiles.
 * @param image - the file's bytes, or its path.
 * @throws {HeadstartError} `data` if it cannot be read, is no image, is damaged or has too many pixels.
 */
export async function decodeImage(
  image: Uint8Array | string,
  options: DecodeOptions = {},
): Promise<DecodedImage> {
  const name = typeof image === "string" ? image : `image of ${image.length} bytes`;
  const file = typeof image === "string" ? await read(image) : image;
  if (file.length === 0) throw unreadable(name, "the file is empty (0 bytes)");
  const format = imageFormat(file);
  const remedy = format === null ? undefined : UNREADABLE_FORMATS[format];
  if (remedy !== undefined) throw unreadable(name, remedy);
  const maxPixels = options.maxPixels ?? DEFAULT_MAX_PIXELS;
  const limit = (size: ImageSize): void => {
    if (size.width * size.height > maxPixels) throw tooLarge(name, size, maxPixels);
  };
  if (format === "bmp") {
    await options.admit?.(Math.min(maxPixels, bmpPixels(file)));
    const decoded = bmpImage(name, file, limit);
    return { ...decoded, whole: { width: decoded.width, height: decoded.height } };
  }
  const svg = format === "svg" ? svgContent(name, file) : null;
  const apart = async (content: SvgContent): Promise<Uint8Array> =>
    drawSvgApart(content, maxPixels).catch((cause: unknown) => {
      throw unreadable(name, `the SVG cannot be drawn: ${messageOf(cause)}`, cause);
    });
  let bytes = svg?.bytes ?? file;
  if (svg !== null && !isQuickToDraw(svg.cost, 0)) bytes = await apart(svg);
  const sharp = await loadSharp();
  const open = (more: SharpOptions = {}): Sharp =>
    sharp(bytes, { ignoreIcc: true, failOn: "error", limitInputPixels: false, ...more });
  const plain = format === "jpeg" ? plainJpeg(file, options.enough) : null;
  const header =
    plain ??
    (await inspect(open()).catch((cause: unknown) => {
      throw unreadable(name, format === null ? noImage(file) : DAMAGED, cause);
    }));
  limit(header);
  if (svg !== null && bytes === svg.bytes && !isQuickToDraw(svg.cost, header.width * header.height)) {
    bytes = await apart(svg);
  }
  const shrink = format === "jpeg" ? shrinkOf(header, options.enough?.(header)) : 1;
  await options.admit?.((header.width * header.height) / shrink ** 2);
  try {
    const decoded = await pixels(open({ ignoreIcc: !header.convert }), header, shrink);
    const { width, height } = shrink === 1 ? decoded : header;
    return { ...decoded, whole: { width, height } };
  } catch (cause) {
    throw unreadable(name, `${DAMAGED} (${firstLine(messageOf(cause))})`, cause);
  }
}

/** What is known of an image before its pixels are; the size is the oriented one. */
interface Header extends ImageSize {
  readonly cmyk: boolean;
  /** Whether its profile asks for other numbers. */
  readonly convert: boolean;
}

/** A JPEG without ink and without a profile, which need not be opened twice where it is decoded whole, however it lies. */
function plainJpeg(bytes: Uint8Array, enough: DecodeOptions["enough"]): Header | null {
  const header = jpegHeader(bytes);
  if (header === null || header.hasProfile || (header.components !== 1 && header.components !== 3))
    return null;
  const { width, height } = header;
  const turned = { width: height, height: width };
  if (shrinkOf(header, enough?.(header)) > 1 || shrinkOf(turned, enough?.(turned)) > 1) return null;
  return { width, height, cmyk: false, convert: false };
}

/** What else it is, where that is known. */
function noImage(file: Uint8Array): string {
  const standIn = standInOf(file);
  return standIn === null ? NO_IMAGE : `it is ${STAND_INS[standIn].what}`;
}

async function inspect(opened: Sharp): Promise<Header> {
  const { autoOrient, space, icc } = await opened.metadata();
  const profile = icc === undefined ? null : iccProfile(icc);
  return {
    width: autoOrient.width,
    height: autoOrient.height,
    cmyk: space === "cmyk",
    convert: profile !== null && !profile.srgb && profile.space === profileSpaceOf(space),
  };
}

/** By how much a JPEG of this size is shrunk while it is decoded. */
function shrinkOf(whole: ImageSize, enough: ImageSize | undefined): number {
  if (enough === undefined) return 1;
  const fits = (shrink: number): boolean =>
    whole.width / shrink >= enough.width && whole.height / shrink >= enough.height;
  return [8, 4, 2].find(fits) ?? 1;
}

async function pixels(opened: Sharp, header: Header, shrink: number): Promise<RgbImage> {
  const oriented = opened.autoOrient();
  // Rounded down, so that the decoder shrinks by at least as much; a last row or column is then evened out.
  const width = Math.floor(header.width / shrink);
  const height = Math.floor(header.height / shrink);
  const sized = shrink === 1 ? oriented : oriented.resize(width, height, { fit: "fill", kernel: "linear" });
  const ink = header.cmyk && !header.convert;
  const colored = ink ? sized.pipelineColourspace("cmyk").toColourspace("cmyk") : sized.toColourspace("srgb");
  const { data: raw, info } = await colored.raw().toBuffer({ resolveWithObject: true });
  const data = new Uint8Array(raw.buffer, raw.byteOffset, raw.length);
  const size = { width: info.width, height: info.height };
  const channels: number = info.channels;
  if (ink) return { data: cmykToRgb(data, channels), ...size };
  if (channels === 3) return { data, ...size };
  return { data: channels === 4 ? onWhite(data) : greyToRgb(data, channels), ...size };
}

type SharpFactory = typeof import("sharp").default;

let loading: Promise<SharpFactory> | undefined;

/** The decoder, loaded at the first image: one thread an image, and no cache of what was decoded. */
function loadSharp(): Promise<SharpFactory> {
  loading ??= import("sharp").then(({ default: sharp }) => {
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp;
  });
  return loading;
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw unreadable(path, messageOf(cause), cause);
  }
}

const DAMAGED = "the file is cut short or damaged";
const NO_IMAGE =
  "the content is no image in a format that can be read (JPEG, PNG, WebP, GIF, TIFF, AVIF, SVG, BMP)";

function tooLarge(name: string, { width, height }: ImageSize, maxPixels: number): HeadstartError {
  return new HeadstartError(
    "data",
    `${name}: ${width} x ${height} pixels are over the limit of ${maxPixels / 1e6} million`,
    { facts: { image: name, width, height, maxPixels }, hint: "Shrink the image, or leave it out." },
  );
}

function unreadable(name: string, reason: string, cause?: unknown): HeadstartError {
  return new HeadstartError("data", `${name}: ${reason}`, { facts: { image: name, reason }, cause });
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]!.trim();
}
