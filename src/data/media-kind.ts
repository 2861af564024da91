/** Files that hold no text but something to be decoded. */
export type MediaKind = "image" | "audio";

/** How a kind is called where there are several: in messages, and as a format. */
export const MEDIA_NAMES = {
  image: { format: "images", plural: "images", flag: "--image" },
  audio: { format: "audio", plural: "sounds", flag: "--audio" },
} as const;

const SIGNATURES: readonly (readonly [MediaKind, number, string])[] = [
  ["image", 0, "\xff\xd8\xff"],
  ["image", 0, "\x89PNG\r\n\x1a\n"],
  ["image", 0, "GIF8"],
  ["image", 8, "WEBP"],
  ["image", 0, "II*\0"],
  ["image", 0, "MM\0*"],
  ["image", 4, "ftypavif"],
  ["image", 4, "ftypavis"],
  ["image", 4, "ftypheic"],
  ["image", 4, "ftypmif1"],
  ["image", 0, "BM"],
  ["audio", 8, "WAVE"],
  ["audio", 0, "fLaC"],
  ["audio", 0, "OggS"],
  ["audio", 0, "ID3"],
  ["audio", 0, "\xff\xfb"],
  ["audio", 0, "\xff\xf3"],
  ["audio", 0, "\xff\xf2"],
  ["audio", 4, "ftypM4A"],
  ["audio", 4, "ftypisom"],
  ["audio", 8, "AIFF"],
  ["audio", 0, "\xff\xf1"],
  ["audio", 0, "\xff\xf9"],
  ["audio", 0, "\x1aE\xdf\xa3"],
];

/** What bytes hold, by their signature; null where it is not known. */
export function mediaKindOf(bytes: Uint8Array): MediaKind | null {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 16)).toString("latin1");
  return SIGNATURES.find(([, at, signature]) => start.startsWith(signature, at))?.[0] ?? null;
}

/** The bytes of a `data:` address in base64; null for anything else. */
export function dataUrlBytes(text: string): Uint8Array | null {
  const head = /^data:[\w.+-]*\/?[\w.+-]*(?:;[\w=.+-]+)*;base64,/i.exec(text.slice(0, 200));
  return head === null ? null : Buffer.from(text.slice(head[0].length), "base64");
}

/** The bytes in a cell: the cell itself, or the `bytes` of a `{ bytes, path }` as Hugging Face's data sets hold it. */
export function bytesOf(value: unknown): Uint8Array | null {
  if (value instanceof Uint8Array) return value;
  if (value === null || typeof value !== "object" || !("bytes" in value)) return null;
  return value.bytes instanceof Uint8Array ? value.bytes : null;
}

/** The path or address in a cell: the cell itself, or the `path` of a `{ bytes, path }`. */
export function pathOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (value === null || typeof value !== "object" || !("path" in value)) return null;
  return typeof value.path === "string" ? value.path : null;
}
