/** What the header of a NumPy `.npy` file says. Source: NumPy's `numpy.lib.format`, versions 1.0 to 3.0. */
export interface NpyHeader {
  /** `<f4`: byte order, kind and bytes of a number; a structured type as it is written. */
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Bytes before the first number. */
  readonly length: number;
}

const MAGIC = "\x93NUMPY";
/** Bytes in which a header of one of our files ends; room for any number of rows. */
const OUR_LENGTH = 128;
const LARGEST_HEADER = 64 * 2 ** 10;

/** Whether bytes are the beginning of a `.npy` file. */
export function isNpy(start: Uint8Array): boolean {
  return Buffer.from(start.subarray(0, MAGIC.length)).toString("latin1") === MAGIC;
}

/**
 * Reads a header.
 * @param start - the first bytes of the file, 64 KiB or all of it.
 * @throws {Error} saying what is wrong.
 */
export function parseNpyHeader(start: Uint8Array): NpyHeader {
  const bytes = Buffer.from(start.buffer, start.byteOffset, start.byteLength);
  if (!isNpy(bytes) || bytes.length < 12) throw new Error("it does not begin as .npy files do");
  const version = bytes[6]!;
  if (version < 1 || version > 3) throw new Error(`it has format version ${version}, and 1 to 3 are known`);
  const prefix = version === 1 ? 10 : 12;
  const length = version === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8);
  if (length > LARGEST_HEADER) throw new Error(`it claims a header of ${length} bytes`);
  if (prefix + length > bytes.length) throw new Error("its header is cut short");
  const text = bytes.toString(version === 3 ? "utf8" : "latin1", prefix, prefix + length);
  const descr = /'descr'\s*:\s*(?:'([^']*)'|(\[.*?\])\s*,\s*'fortran_order')/s.exec(text);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text);
  const shape = /'shape'\s*:\s*\(([\d\sL,]*)\)/.exec(text);
  if (descr === null || order === null || shape === null) {
    throw new Error(`its header cannot be read: ${text.trim().slice(0, 120)}`);
  }
  return {
    descr: descr[1] ?? descr[2]!,
    fortranOrder: order[1] === "True",
    shape: shape[1]!
      .split(",")
      .map((size) => size.replace("L", "").trim())
      .filter((size) => size !== "")
      .map(Number),
    length: prefix + length,
  };
}

/** A header of version 1.0 and of 128 bytes, whatever the number of rows: it can be written again in its place. */
export function formatNpyHeader(descr: "<f4" | "<f2", rows: number, dim: number): Buffer {
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${rows}, ${dim}), }`;
  const bytes = Buffer.alloc(OUR_LENGTH, " ", "latin1");
  bytes.write(MAGIC, 0, "latin1");
  bytes.set([1, 0], 6);
  bytes.writeUInt16LE(OUR_LENGTH - 10, 8);
  bytes.write(dict, 10, "latin1");
  bytes.write("\n", OUR_LENGTH - 1, "latin1");
  return bytes;
}
