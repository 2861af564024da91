import { readFile } from "node:fs/promises";
import type { Metadata, Sharp } from "sharp";
import { HeadstartError, messageOf } from "../../core/errors.js";
import type { RgbImage } from "./rgb-image.js";

/** Images of more pixels are refused before they are decoded. */
export const DEFAULT_MAX_PIXELS = 100_000_000;

export interface DecodeOptions {
  /** Default: 100 million. */
  readonly maxPixels?: number;
}

/**
 * Decodes an image to 8-bit RGB, the same bytes as Pillow's `convert("RGB")` after `exif_transpose`:
 * orientation applied, colour profile ignored, the first frame of an animation.
 * Two exceptions: transparency is blended on white, and 16-bit grey keeps its high byte.
 * @param image - the file's bytes, or its path.
 * @throws {HeadstartError} `data` if it cannot be read, is no image, is damaged or has too many pixels.
 */
export async function decodeImage(
  image: Uint8Array | string,
  options: DecodeOptions = {},
): Promise<RgbImage> {
  const name = typeof image === "string" ? image : `image of ${image.length} bytes`;
  const bytes = typeof image === "string" ? await read(image) : image;
  if (bytes.length === 0) throw unreadable(name, "the file is empty (0 bytes)");
  const maxPixels = options.maxPixels ?? DEFAULT_MAX_PIXELS;
  const sharp = await loadSharp();
  const open = (): Sharp => sharp(bytes, { ignoreIcc: true, failOn: "error", limitInputPixels: false });
  const metadata = await open()
    .metadata()
    .catch((cause: unknown) => {
      throw unreadable(name, noImage(bytes), cause);
    });
  const { width, height } = metadata;
  if (width * height > maxPixels) {
    throw new HeadstartError(
      "data",
      `${name}: ${width} x ${height} pixels are over the limit of ${maxPixels / 1e6} million`,
      { facts: { image: name, width, height, maxPixels }, hint: "Shrink the image, or leave it out." },
    );
  }
  try {
    return await pixels(open(), metadata);
  } catch (cause) {
    throw unreadable(name, `the file is cut short or damaged (${firstLine(messageOf(cause))})`, cause);
  }
}

async function pixels(opened: Sharp, metadata: Metadata): Promise<RgbImage> {
  const oriented = opened.autoOrient();
  const cmyk = metadata.space === "cmyk";
  const colored = cmyk
    ? oriented.pipelineColourspace("cmyk").toColourspace("cmyk")
    : oriented.toColourspace("srgb");
  const { data: raw, info } = await colored.raw().toBuffer({ resolveWithObject: true });
  const data = new Uint8Array(raw.buffer, raw.byteOffset, raw.length);
  const { width, height } = info;
  const channels: number = info.channels;
  if (cmyk) return { data: cmykToRgb(data, channels), width, height };
  if (channels === 3) return { data, width, height };
  return { data: channels === 4 ? onWhite(data) : greyToRgb(data, channels), width, height };
}

/** Transparency over white, rounded as Pillow's `alpha_composite` rounds. */
function onWhite(rgba: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    const alpha = rgba[from + 3]!;
    rgb[to] = blend(rgba[from]!, alpha);
    rgb[to + 1] = blend(rgba[from + 1]!, alpha);
    rgb[to + 2] = blend(rgba[from + 2]!, alpha);
  }
  return rgb;
}

function blend(value: number, alpha: number): number {
  const sum = value * alpha + 255 * (255 - alpha) + 128;
  return ((sum >> 8) + sum) >> 8;
}

/** One channel of grey, or two with transparency, which is blended on white. */
function greyToRgb(grey: Uint8Array, channels: number): Uint8Array {
  const rgb = new Uint8Array((grey.length / channels) * 3);
  for (let from = 0, to = 0; from < grey.length; from += channels, to += 3) {
    const value = channels === 1 ? grey[from]! : blend(grey[from]!, grey[from + 1]!);
    rgb.fill(value, to, to + 3);
  }
  return rgb;
}

function cmykToRgb(cmyk: Uint8Array, channels: number): Uint8Array {
  const rgb = new Uint8Array((cmyk.length / channels) * 3);
  for (let from = 0, to = 0; from < cmyk.length; from += channels, to += 3) {
    const light = 255 - cmyk[from + 3]!;
    for (let channel = 0; channel < 3; channel++) {
      const product = cmyk[from + channel]! * light + 128;
      rgb[to + channel] = light - (((product >> 8) + product) >> 8);
    }
  }
  return rgb;
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

/** Why no decoder took the file, from its first bytes. */
function noImage(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.subarray(0, 4)).toString("latin1");
  if (start.startsWith("BM")) return "BMP images cannot be read; convert it to PNG";
  if (SIGNATURES.some((signature) => start.startsWith(signature))) return "the file is cut short or damaged";
  return "the content is no image in a format that can be read (JPEG, PNG, WebP, GIF, TIFF, AVIF, SVG)";
}

/** How JPEG, PNG, WebP, GIF and TIFF files begin. */
const SIGNATURES = ["\xff\xd8", "\x89PNG", "RIFF", "GIF8", "II*\0", "MM\0*"];

function unreadable(name: string, reason: string, cause?: unknown): HeadstartError {
  return new HeadstartError("data", `${name}: ${reason}`, { facts: { image: name, reason }, cause });
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]!.trim();
}
