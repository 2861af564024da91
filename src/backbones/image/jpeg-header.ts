import type { ImageSize } from "./rgb-image.js";

/** What a JPEG says before its pixels. */
export interface JpegHeader extends ImageSize {
  /** 1 for grey, 3 for colour, 4 for CMYK. */
  readonly components: number;
  /** Whether an ICC profile is embedded. */
  readonly hasProfile: boolean;
}

/** Reads a JPEG's segments up to its frame header; null where they make no sense. */
export function jpegHeader(bytes: Uint8Array): JpegHeader | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let hasProfile = false;
  let at = 2;
  while (at + 9 < bytes.length) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const length = view.getUint16(at + 2);
    if (isFrame(marker)) {
      const height = view.getUint16(at + 5);
      const width = view.getUint16(at + 7);
      const components = bytes[at + 9]!;
      return width === 0 || height === 0 ? null : { width, height, components, hasProfile };
    }
    if (length < 2 || isBare(marker)) return null;
    if (marker === 0xe2 && startsWith(bytes, at + 4, "ICC_PROFILE\0")) hasProfile = true;
    at += 2 + length;
  }
  return null;
}

/** SOF0 to SOF15, without the three markers between them that mean something else. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** Markers without a length, and those that end the header: none of them belongs here. */
function isBare(marker: number): boolean {
  return marker < 0xc0 || (marker >= 0xd0 && marker <= 0xda);
}

function startsWith(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}
