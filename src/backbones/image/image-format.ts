/** Formats that are told apart by how a file begins. */
export type ImageFormat =
  | "jpeg"
  | "png"
  | "webp"
  | "gif"
  | "tiff"
  | "avif"
  | "svg"
  | "bmp"
  | "heic"
  | "jxl"
  | "jp2"
  | "psd"
  | "ico";

/** What to do about a format that no decoder here reads. */
export const UNREADABLE_FORMATS: Readonly<Partial<Record<ImageFormat, string>>> = {
  heic: "HEIC images (HEVC) cannot be read; export it as JPEG, or convert it: heif-convert photo.heic photo.jpg",
  jxl: "JPEG XL images cannot be read; convert it to PNG or JPEG: djxl image.jxl image.png",
  jp2: "JPEG 2000 images cannot be read; convert it to PNG: magick image.jp2 image.png",
  psd: "Photoshop documents cannot be read; export it as PNG or JPEG",
  ico: "icon files cannot be read; convert it to PNG: magick icon.ico icon.png",
};

/** How files begin, as Latin-1. */
const SIGNATURES: readonly (readonly [start: string, format: ImageFormat])[] = [
  ["\xff\xd8", "jpeg"],
  ["\x89PNG", "png"],
  ["GIF8", "gif"],
  ["II*\0", "tiff"],
  ["MM\0*", "tiff"],
  ["II+\0", "tiff"],
  ["MM\0+", "tiff"],
  ["BM", "bmp"],
  ["\xff\x0a", "jxl"],
  ["\0\0\0\x0cJXL ", "jxl"],
  ["\0\0\0\x0cjP  ", "jp2"],
  ["\xff\x4f\xff\x51", "jp2"],
  ["8BPS", "psd"],
  ["\0\0\x01\0", "ico"],
];

/** Bytes in which an SVG's root element has to begin. */
const SVG_HEADER = 4096;

/** The format of an image, from its content; its name has no say. Null where nothing is recognised. */
export function imageFormat(bytes: Uint8Array): ImageFormat | null {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, SVG_HEADER)).toString(
    "latin1",
  );
  if (start.startsWith("RIFF") && start.startsWith("WEBP", 8)) return "webp";
  if (start.startsWith("ftyp", 4)) return containerFormat(bytes, start);
  const known = SIGNATURES.find(([signature]) => start.startsWith(signature));
  if (known !== undefined) return known[1];
  if (start.startsWith("\x1f\x8b")) return "svg";
  return start.replaceAll("\0", "").includes("<svg") ? "svg" : null;
}

/** AVIF and HEIC share a container; the brands in its first box tell which one it is. */
function containerFormat(bytes: Uint8Array, start: string): ImageFormat | null {
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
  const brands = start.slice(8, Math.min(length, 256)).match(/.{4}/gs) ?? [];
  if (brands.some((brand) => brand === "avif" || brand === "avis")) return "avif";
  return brands.some((brand) => /^(hei|hev|mif|msf)/.test(brand)) ? "heic" : null;
}
