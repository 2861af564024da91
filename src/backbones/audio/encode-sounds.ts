import { HeadstartError } from "../../core/errors.js";
import type { Feed } from "../../onnx/session.js";

/** How prepared sounds lie in a batch. */
export interface SoundShape {
  /** Of one spectrogram, without the batch; null for waveforms, which have any length. */
  readonly spectrogram: readonly number[] | null;
  /** False where padding could reach a vector: only sounds of one length are then run together. */
  readonly readsMask: boolean;
}

/** The part of a session that encoding needs. */
interface Runner {
  readonly inputs: readonly string[];
  /** @returns `[rows, dim]`, row-major. */
  run(feeds: Record<string, Feed>, rows: number): Promise<Float32Array>;
}

/** Vectors of prepared sounds: `[batch.length, dim]`, row-major, none dependent on its neighbours in the batch. */
export async function encodeSounds(
  batch: readonly Float32Array[],
  shape: SoundShape,
  runner: Runner,
): Promise<Float32Array> {
  const together = (rows: readonly number[]) =>
    encodeTogether(
      rows.map((row) => batch[row]!),
      shape,
      runner,
    );
  if (shape.readsMask || shape.spectrogram !== null) return together(batch.map((_, row) => row));
  const groups = rowsByLength(batch);
  return groups.length === 1 ? together(groups[0]!) : scatter(groups, batch.length, together);
}

async function scatter(
  groups: readonly (readonly number[])[],
  count: number,
  encode: (rows: readonly number[]) => Promise<Float32Array>,
): Promise<Float32Array> {
  let vectors = new Float32Array(0);
  for (const rows of groups) {
    const encoded = await encode(rows);
    const dim = encoded.length / rows.length;
    if (vectors.length === 0) vectors = new Float32Array(count * dim);
    rows.forEach((row, i) => {
      vectors.set(encoded.subarray(i * dim, (i + 1) * dim), row * dim);
    });
  }
  return vectors;
}

function encodeTogether(
  sounds: readonly Float32Array[],
  shape: SoundShape,
  runner: Runner,
): Promise<Float32Array> {
  const longest = sounds.reduce((length, sound) => Math.max(length, sound.length), 0);
  const data = new Float32Array(sounds.length * longest);
  const mask = new Int32Array(shape.spectrogram === null ? data.length : 0);
  sounds.forEach((sound, i) => {
    if (shape.spectrogram !== null && sound.length !== longest) {
      throw new HeadstartError("shape", "Spectrograms of one batch have different sizes");
    }
    data.set(sound, i * longest);
    if (shape.spectrogram === null) mask.fill(1, i * longest, i * longest + sound.length);
  });
  const dims = [sounds.length, ...(shape.spectrogram ?? [longest])];
  const input = runner.inputs.find((name) => name !== MASK)!;
  const feeds: Record<string, Feed> = { [input]: { dtype: "float32", data, dims } };
  if (runner.inputs.includes(MASK)) feeds[MASK] = { dtype: "int64", data: mask, dims };
  return runner.run(feeds, sounds.length);
}

const MASK = "attention_mask";

/** The rows of a batch, those of equal length together. */
export function rowsByLength(batch: readonly { readonly length: number }[]): number[][] {
  const groups = new Map<number, number[]>();
  batch.forEach(({ length }, row) => {
    const group = groups.get(length);
    if (group) group.push(row);
    else groups.set(length, [row]);
  });
  return [...groups.values()];
}
