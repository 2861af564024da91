import { HeadstartError } from "../../core/errors.js";
import type { ImageSize, RgbImage } from "./rgb-image.js";
import { onWhite } from "./rgb-pixels.js";

const FILE_HEADER = 14;
const UNCOMPRESSED = 0;
const BIT_FIELDS = 3;

/**
 * Decodes a Windows bitmap: 1, 4 or 8 bits a pixel with a palette, 24 bits, 32 bits with or without transparency, which
 * is blended on white. Rows are stored from the bottom, unless the height is negative, and filled up to four bytes.
 * @param limit - throws for a size that is over the limit of pixels.
 * @throws {HeadstartError} `data` if it is cut short, damaged, or stored in another way.
 */
export function bmpImage(name: string, bytes: Uint8Array, limit: (size: ImageSize) => void): RgbImage {
  const refuse = (reason: string): HeadstartError =>
    new HeadstartError("data", `${name}: ${reason}`, { facts: { image: name, reason } });
  const damaged = (): HeadstartError => refuse("the file is cut short or damaged");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < FILE_HEADER + 40) throw damaged();
  const pixels = view.getUint32(10, true);
  const header = view.getUint32(14, true);
  const width = view.getInt32(18, true);
  const signedHeight = view.getInt32(22, true);
  const height = Math.abs(signedHeight);
  const bits = view.getUint16(28, true);
  const compression = view.getUint32(30, true);
  if (header < 40 || width <= 0 || height === 0) throw damaged();
  limit({ width, height });
  const alpha = compression === BIT_FIELDS && bits === 32 ? alphaOf(view, header) : null;
  const plain = compression === UNCOMPRESSED && [1, 4, 8, 24, 32].includes(bits);
  if (!plain && alpha === null) {
    throw refuse(
      `BMP images of ${bits} bits a pixel, compression ${compression}, cannot be read; convert it to PNG`,
    );
  }
  const stride = Math.ceil((width * bits) / 32) * 4;
  if (pixels + stride * height > bytes.length) throw damaged();
  const palette = bits <= 8 ? paletteOf(view, bytes, header, bits) : null;
  if (bits <= 8 && palette === null) throw damaged();
  const channels = alpha === true ? 4 : 3;
  const data = new Uint8Array(width * height * channels);
  let to = 0;
  for (let y = 0; y < height; y++) {
    const row = pixels + (signedHeight < 0 ? y : height - 1 - y) * stride;
    for (let x = 0; x < width; x++) {
      let source = bytes;
      let from = row + x * (bits >> 3);
      if (palette !== null) {
        const bit = x * bits;
        const index = (bytes[row + (bit >> 3)]! >> (8 - bits - (bit & 7))) & ((1 << bits) - 1);
        source = palette;
        from = index * 4;
      }
      data[to] = source[from + 2]!;
      data[to + 1] = source[from + 1]!;
      data[to + 2] = source[from]!;
      if (channels === 4) data[to + 3] = source[from + 3]!;
      to += channels;
    }
  }
  return { data: channels === 4 ? onWhite(data) : data, width, height };
}

/** The pixels that a bitmap says it has; 0 for one that is cut short. */
export function bmpPixels(bytes: Uint8Array): number {
  if (bytes.length < FILE_HEADER + 12) return 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Math.abs(view.getInt32(18, true) * view.getInt32(22, true));
}

/** Whether 32 bits hold transparency; null where the colours do not lie as blue, green, red. */
function alphaOf(view: DataView, header: number): boolean | null {
  if (view.byteLength < FILE_HEADER + 56) return null;
  const mask = (at: number): number => view.getUint32(FILE_HEADER + at, true);
  if (mask(40) !== 0xff0000 || mask(44) !== 0xff00 || mask(48) !== 0xff) return null;
  return header >= 56 && mask(52) === 0xff000000;
}

/** Blue, green, red and a filler for each of the colours, black for those that are left out. */
function paletteOf(view: DataView, bytes: Uint8Array, header: number, bits: number): Uint8Array | null {
  const used = view.getUint32(46, true) || 1 << bits;
  const at = FILE_HEADER + header;
  if (used > 256 || at + used * 4 > bytes.length) return null;
  const palette = new Uint8Array(256 * 4);
  palette.set(bytes.subarray(at, at + used * 4));
  return palette;
}
