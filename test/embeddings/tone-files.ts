import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { random } from "../../src/core/random.js";
import { pcm16, wavBytes } from "../backbones/wav-bytes.js";

/** A tone of `hertz` with some noise, as a 16-bit WAV file. */
export function tone(
  hertz: number,
  seed: number,
  options: { seconds?: number; rate?: number; channels?: number; noise?: number } = {},
): Uint8Array {
  const { seconds = 0.2, rate = 16_000, channels = 1, noise = 0.05 } = options;
  const rng = random(seed);
  const loud = 0.3 + 0.5 * rng.next();
  const frames = Math.round(seconds * rate);
  const samples = new Float32Array(frames * channels);
  for (let i = 0; i < samples.length; i++) {
    const time = Math.floor(i / channels) / rate;
    samples[i] = loud * Math.sin(2 * Math.PI * hertz * time) + noise * (rng.next() - 0.5);
  }
  return wavBytes(pcm16(samples), { rate, channels });
}

/** Writes files below a folder. */
export function writeFiles(folder: string, files: Readonly<Record<string, Uint8Array>>): void {
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
}
