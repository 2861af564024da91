import { isWav, wavLayout } from "./wav-layout.js";

/** How long a sound is. */
export interface SoundLength {
  /** Samples of each channel. */
  readonly frames: number;
  /** Hz. */
  readonly sampleRate: number;
}

/**
 * What the beginning of a WAV or FLAC file tells of its length, without decoding it.
 * @returns null where it does not tell: for other formats, streams of unknown length, and damaged files.
 */
export function soundLength(bytes: Uint8Array): SoundLength | null {
  if (!isWav(bytes)) return flacLength(bytes);
  try {
    const { encoding, frames, sampleRate } = wavLayout(bytes, "sound");
    return encoding === "other" ? null : { frames, sampleRate };
  } catch {
    return null;
  }
}

/** STREAMINFO, the first block after the magic: 20 bits of rate, 8 that do not matter here, 36 bits of samples (RFC 9639). */
function flacLength(bytes: Uint8Array): SoundLength | null {
  const magic = Buffer.from(bytes.subarray(0, 4)).toString("latin1");
  if (magic !== "fLaC" || bytes.length < 26 || (bytes[4]! & 0x7f) !== 0) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const sampleRate = view.getUint32(18) >>> 12;
  const frames = (bytes[21]! & 0x0f) * 2 ** 32 + view.getUint32(22);
  return sampleRate === 0 || frames === 0 ? null : { frames, sampleRate };
}
