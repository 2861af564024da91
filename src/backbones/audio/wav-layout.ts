import { soundError } from "./sound-error.js";

/** How a sample is stored; `other` is a compressed format that WAV merely wraps. */
export type WavEncoding = "integer" | "float" | "a-law" | "mu-law" | "other";

/** Where the samples of a WAV file lie, and how they are stored. */
export interface WavLayout {
  readonly encoding: WavEncoding;
  readonly channels: number;
  /** Hz. */
  readonly sampleRate: number;
  readonly bytesPerSample: number;
  /** Of the first sample, in the file. */
  readonly start: number;
  /** Samples of each channel that the file really holds. */
  readonly frames: number;
}

const MAX_CHANNELS = 256;
const RATES = { least: 1_000, most: 768_000 };
/** What a writer may count wrongly in its sizes (its own header, padding) without the sound being cut short. */
const FORGIVEN_BYTES = 1024;
/** Sizes from here on stand for "unknown": programs that write to a pipe cannot come back to fill them in. */
const UNKNOWN_SIZE = 0x7fff_0000;

const ENCODINGS: Readonly<Record<number, WavEncoding>> = {
  1: "integer",
  3: "float",
  6: "a-law",
  7: "mu-law",
};
const EXTENSIBLE = 0xfffe;

/** Whether the bytes begin as a WAV file: RIFF, or RF64 and BW64 for files over 4 GB. */
export function isWav(bytes: Uint8Array): boolean {
  return ["RIFF", "RF64", "BW64"].includes(fourCc(bytes, 0)) && fourCc(bytes, 8) === "WAVE";
}

/**
 * Reads the chunks of a WAV file; those that say nothing of the samples are skipped. Sizes that a stream left
 * open mean "up to the end of the file". Nothing is allocated after what a header says.
 * @param bytes - the whole file, for which `isWav` holds.
 * @param name - the sound's, for messages.
 * @throws {HeadstartError} `data` if there are no samples, they are cut short, or their format makes no sense.
 */
export function wavLayout(bytes: Uint8Array, name: string): WavLayout {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let format: ReturnType<typeof readFormat> | null = null;
  let longSize: number | null = null;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = fourCc(bytes, at);
    const size = view.getUint32(at + 4, true);
    const start = at + 8;
    if (id === "data") {
      if (format === null) throw soundError(name, "the WAV file has samples before it says their format");
      const open = size >= UNKNOWN_SIZE || (size === 0 && view.getUint32(4, true) === 0);
      return {
        ...format,
        start,
        frames: countFrames(format, bytes.length - start, longSize ?? (open ? null : size), name),
      };
    }
    if (id === "fmt ") format = readFormat(view, start, Math.min(size, bytes.length - start), name);
    if (id === "ds64" && size >= 16 && start + 16 <= bytes.length)
      longSize = Number(view.getBigUint64(start + 8, true));
    at = start + size + (size % 2);
  }
  throw soundError(name, "the WAV file is cut short: it has no samples");
}

function countFrames(
  format: { readonly channels: number; readonly bytesPerSample: number },
  available: number,
  promised: number | null,
  name: string,
): number {
  if (promised !== null && promised > available + FORGIVEN_BYTES) {
    throw soundError(
      name,
      `the WAV file is cut short: it promises ${promised} bytes of samples and holds ${available}`,
    );
  }
  const used = Math.min(promised ?? available, available);
  return Math.floor(used / (format.channels * format.bytesPerSample));
}

function readFormat(view: DataView, at: number, size: number, name: string) {
  if (size < 16) throw soundError(name, `the WAV file's 'fmt ' chunk has ${size} bytes; 16 are needed`);
  let tag = view.getUint16(at, true);
  const channels = view.getUint16(at + 2, true);
  const sampleRate = view.getUint32(at + 4, true);
  const blockAlign = view.getUint16(at + 12, true);
  const bits = view.getUint16(at + 14, true);
  if (tag === EXTENSIBLE && size >= 26) tag = view.getUint16(at + 24, true);
  if (channels < 1 || channels > MAX_CHANNELS)
    throw soundError(name, `the WAV file says it has ${channels} channels`);
  if (sampleRate < RATES.least || sampleRate > RATES.most) {
    throw soundError(name, `the WAV file says it has ${sampleRate} samples a second`);
  }
  // Samples of 20 or 24 bits may lie in 4 bytes, at their upper end: the block tells.
  const inBlock = blockAlign / channels;
  const least = Math.ceil(bits / 8);
  const bytesPerSample = Number.isInteger(inBlock) && inBlock >= least && inBlock > 0 ? inBlock : least;
  const encoding = ENCODINGS[tag] ?? "other";
  const fits = { integer: [1, 2, 3, 4], float: [4, 8], "a-law": [1], "mu-law": [1], other: null }[encoding];
  if (fits !== null && !fits.includes(bytesPerSample)) {
    throw soundError(name, `the WAV file says that a sample (${encoding}) takes ${bytesPerSample} bytes`);
  }
  return { encoding, channels, sampleRate, bytesPerSample };
}

function fourCc(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
