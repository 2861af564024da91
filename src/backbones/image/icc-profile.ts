/** The colour spaces of profiles that images carry here. */
type ProfileSpace = "RGB " | "GRAY" | "CMYK";

/** What of a profile decides whether colours have to be converted. */
export interface IccProfile {
  readonly space: string;
  /** Whether its colours are sRGB's, to less than a level of 255. */
  readonly srgb: boolean;
}

/** sRGB's primaries in the profile connection space (D50), by column. IEC 61966-2-1, adapted by Bradford. */
const SRGB_PRIMARIES: Readonly<Record<string, readonly [number, number, number]>> = {
  rXYZ: [0.4361, 0.2225, 0.0139],
  gXYZ: [0.3851, 0.7169, 0.0971],
  bXYZ: [0.1431, 0.0606, 0.7141],
};
const PRIMARY_TOLERANCE = 0.002;
/** Of linear light, which is about a level of 255. */
const CURVE_TOLERANCE = 0.003;
const LONGEST_TAG_TABLE = 200;

/**
 * Reads an embedded ICC profile as far as needed: a matrix profile is sRGB where its primaries and its curves are,
 * whatever its name; one made of look-up tables, where its name begins with sRGB.
 * @returns null for what is no profile.
 */
export function iccProfile(bytes: Uint8Array): IccProfile | null {
  if (bytes.length < 132 || latin1(bytes, 36, 40) !== "acsp") return null;
  const space = latin1(bytes, 16, 20);
  const tags = tagTable(bytes);
  if (tags === null) return null;
  if (space === "GRAY") return { space, srgb: isSrgbCurve(tags.get("kTRC")) };
  if (space !== "RGB ") return { space, srgb: false };
  if (tags.has("A2B0")) return { space, srgb: /^sRGB/.test(description(tags.get("desc"))) };
  const primaries = Object.entries(SRGB_PRIMARIES).every(([name, expected]) =>
    isNear(tags.get(name), expected),
  );
  return { space, srgb: primaries && ["rTRC", "gTRC", "bTRC"].every((name) => isSrgbCurve(tags.get(name))) };
}

/** The colour space that a profile of an image in one of sharp's colour spaces must have. */
export function profileSpaceOf(space: string | undefined): ProfileSpace {
  if (space === "cmyk") return "CMYK";
  return space === "b-w" || space === "grey16" ? "GRAY" : "RGB ";
}

function tagTable(bytes: Uint8Array): ReadonlyMap<string, DataView> | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(128);
  if (count > LONGEST_TAG_TABLE || 132 + count * 12 > bytes.length) return null;
  const tags = new Map<string, DataView>();
  for (let at = 132; at < 132 + count * 12; at += 12) {
    const offset = view.getUint32(at + 4);
    const size = view.getUint32(at + 8);
    if (offset + size > bytes.length || size < 12) continue;
    tags.set(latin1(bytes, at, at + 4), new DataView(bytes.buffer, bytes.byteOffset + offset, size));
  }
  return tags;
}

function isNear(tag: DataView | undefined, expected: readonly number[]): boolean {
  if (tag === undefined || tag.byteLength < 20) return false;
  return expected.every((value, i) => Math.abs(fixed(tag, 8 + i * 4) - value) < PRIMARY_TOLERANCE);
}

function isSrgbCurve(tag: DataView | undefined): boolean {
  const curve = tag === undefined ? null : toneCurve(tag);
  if (curve === null) return false;
  for (let level = 0; level <= 32; level++) {
    const x = level / 32;
    const linear = x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
    if (!(Math.abs(curve(x) - linear) < CURVE_TOLERANCE)) return false;
  }
  return true;
}

/** A `curv` or `para` tag as a function of [0, 1]; null for what is neither. */
function toneCurve(tag: DataView): ((x: number) => number) | null {
  const type = tag.getUint32(0);
  if (type === CURV) {
    const count = tag.getUint32(8);
    if (12 + count * 2 > tag.byteLength) return null;
    if (count === 0) return (x) => x;
    if (count === 1) return (x) => x ** (tag.getUint16(12) / 256);
    return (x) => {
      const at = Math.min(count - 2, Math.floor(x * (count - 1)));
      const share = x * (count - 1) - at;
      return (tag.getUint16(12 + at * 2) * (1 - share) + tag.getUint16(14 + at * 2) * share) / 65_535;
    };
  }
  if (type !== PARA) return null;
  const kind = tag.getUint16(8);
  const lengths = [1, 3, 4, 5, 7];
  const length = lengths[kind];
  if (length === undefined || 12 + length * 4 > tag.byteLength) return null;
  const [g, a = 1, b = 0, c = 0, d = 0, e = 0, f = 0] = Array.from({ length }, (_, i) =>
    fixed(tag, 12 + i * 4),
  );
  if (kind === 0) return (x) => x ** g!;
  if (kind <= 2) return (x) => (x >= -b / a ? (a * x + b) ** g! : 0) + (kind === 2 ? c : 0);
  return (x) => (x >= d ? (a * x + b) ** g! + e : c * x + f);
}

const CURV = 0x63757276;
const PARA = 0x70617261;

/** A profile's name, from a version 2 or a version 4 description. */
function description(tag: DataView | undefined): string {
  if (tag === undefined) return "";
  const bytes = new Uint8Array(tag.buffer, tag.byteOffset, tag.byteLength);
  const text = latin1(bytes, 12, bytes.length);
  return latin1(bytes, 0, 4) === "mluc" ? text.slice(16).replaceAll("\0", "") : text;
}

function fixed(view: DataView, at: number): number {
  return view.getInt32(at) / 65_536;
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("latin1");
}
