import { readFile } from "node:fs/promises";
import { messageOf } from "../../core/errors.js";
import { STAND_INS, standInOf } from "../../core/stand-in.js";
import { decodeWithFfmpeg, findFfmpeg } from "./ffmpeg.js";
import { readWav } from "./read-wav.js";
import { soundError } from "./sound-error.js";
import { isWav, type WavLayout, wavLayout } from "./wav-layout.js";
import type { DurationLimit, Waveform } from "./waveform.js";

/** Files of more bytes are refused before they are decoded. */
const MAX_BYTES = 512 * 2 ** 20;

export interface DecodeAudioOptions {
  readonly limit: DurationLimit;
  /** The program that decodes what is no plain WAV; default: the `ffmpeg` of the search path, null for none. */
  readonly ffmpeg?: string | null;
}

/**
 * Decodes a sound to one channel, the mean of all, at its own rate. WAV files with samples as they are (PCM of 8 to
 * 32 bits, float, A-law, mu-law) are read here, all else by ffmpeg where it is installed.
 * @param sound - the file's bytes, or its path.
 * @throws {HeadstartError} `data` if it cannot be read, is empty, no sound, cut short, over the limit, or holds
 *   samples that are no numbers.
 */
export async function decodeAudio(
  sound: Uint8Array | string,
  options: DecodeAudioOptions,
): Promise<Waveform> {
  const name = typeof sound === "string" ? sound : `sound of ${sound.length} bytes`;
  const bytes = typeof sound === "string" ? await read(sound) : sound;
  if (bytes.length === 0) throw soundError(name, "the file is empty (0 bytes)");
  if (bytes.length > MAX_BYTES) {
    throw soundError(name, `the file has ${Math.ceil(bytes.length / 2 ** 20)} MiB, over the limit of 512`);
  }
  const standIn = standInOf(bytes);
  if (standIn !== null) throw soundError(name, `it is ${STAND_INS[standIn].what}`);
  const plain = plainWav(bytes, name);
  const waveform =
    plain === null ? await decodeOther(bytes, options, name) : readWav(bytes, plain, options.limit, name);
  const odd = waveform.samples.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0) throw soundError(name, `sample ${odd + 1} is ${waveform.samples[odd]}, no finite number`);
  return waveform;
}

/** The layout of a WAV file whose samples can be read as they are; null for any other file. */
function plainWav(bytes: Uint8Array, name: string): WavLayout | null {
  if (!isWav(bytes)) return null;
  const layout = wavLayout(bytes, name);
  return layout.encoding === "other" ? null : layout;
}

async function decodeOther(bytes: Uint8Array, options: DecodeAudioOptions, name: string): Promise<Waveform> {
  const format = formatOf(bytes);
  const ffmpeg = options.ffmpeg === undefined ? findFfmpeg() : options.ffmpeg;
  if (ffmpeg === null) {
    throw soundError(name, `${format}, and only WAV is read without ffmpeg, which is not installed here`, {
      hint: "Install ffmpeg (ffmpeg.org) so that it is on the PATH, or convert the sounds to WAV.",
    });
  }
  // A second more than the limit, so that a longer sound is seen to be longer.
  const wav = await decodeWithFfmpeg(ffmpeg, bytes, { seconds: options.limit.seconds + 1 }, name);
  const layout = plainWav(wav, name);
  if (layout === null) throw soundError(name, "ffmpeg gave no samples");
  return readWav(wav, layout, options.limit, name);
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw soundError(path, messageOf(cause), { cause });
  }
}

/** By its first bytes, for messages. */
function formatOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, 12)).toString("latin1");
  if (isWav(bytes)) return "it is a WAV file of a compressed format";
  const known = FORMATS.find(([start, at]) => text.startsWith(start, at));
  return known ? `it is ${known[2]}` : "it is no WAV file";
}

const FORMATS = [
  ["ID3", 0, "an MP3 file"],
  ["\xff\xfb", 0, "an MP3 file"],
  ["\xff\xf3", 0, "an MP3 file"],
  ["fLaC", 0, "a FLAC file"],
  ["OggS", 0, "an Ogg file"],
  ["ftyp", 4, "an MP4 file"],
  ["FORM", 0, "an AIFF file"],
  ["RIFX", 0, "a WAV file with its bytes reversed"],
  [".snd", 0, "an AU file"],
  ["\x1aE\xdf\xa3", 0, "a WebM or Matroska file"],
] as const;
