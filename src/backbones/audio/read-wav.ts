import { checkDuration } from "./check-duration.js";
import { companded } from "./companding.js";
import type { WavEncoding, WavLayout } from "./wav-layout.js";
import type { DurationLimit, Waveform } from "./waveform.js";

/**
 * The samples of a WAV file as one channel, the mean of all. Integers are divided by their range: 16 bits by
 * 32,768; 8 bits are unsigned.
 * @param layout - of these bytes, its encoding not `other`.
 * @throws {HeadstartError} `data` if it lasts longer than `limit` allows.
 */
export function readWav(bytes: Uint8Array, layout: WavLayout, limit: DurationLimit, name: string): Waveform {
  const { channels, sampleRate, bytesPerSample } = layout;
  const frames = checkDuration(layout.frames, sampleRate, limit, name);
  const read = sampleReader(bytes, layout.encoding, bytesPerSample);
  const samples = new Float32Array(frames);
  let at = layout.start;
  for (let i = 0; i < frames; i++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) {
      sum += read(at);
      at += bytesPerSample;
    }
    samples[i] = sum / channels;
  }
  return { samples, sampleRate, cut: frames < layout.frames };
}

function sampleReader(bytes: Uint8Array, encoding: WavEncoding, size: number): (at: number) => number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (encoding === "float")
    return size === 4 ? (at) => view.getFloat32(at, true) : (at) => view.getFloat64(at, true);
  if (encoding === "a-law" || encoding === "mu-law") {
    const table = companded(encoding);
    return (at) => table[bytes[at]!]!;
  }
  switch (size) {
    case 1:
      return (at) => (bytes[at]! - 128) / 128;
    case 2:
      return (at) => view.getInt16(at, true) / 32_768;
    case 3:
      return (at) => (view.getInt16(at + 1, true) * 256 + bytes[at]!) / 8_388_608;
    default:
      return (at) => view.getInt32(at, true) / 2_147_483_648;
  }
}
