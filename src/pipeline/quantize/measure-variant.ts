import type { Encoder } from "../../backbones/backbone.js";
import type { VariantMeasures } from "../../backbones/quantize/variant-manifest.js";
import { throwIfInterrupted } from "../../core/interrupted.js";
import { type Matrix, rowOf } from "../../linalg/matrix.js";
import { encodeSorted, sortedBatches } from "./encode-sorted.js";

/** The two forms of a backbone, open. */
export interface OpenPair {
  readonly fp32: Encoder;
  readonly int8: Encoder;
  readonly dim: number;
}

/** Texts that are put together in batches of this size, long with short, to see whether they change each other. */
const NEIGHBOURS = 8;
const NEIGHBOUR_TEXTS = 32;
/** Texts that are timed, and how often, the two taking turns. */
const TIMED_TEXTS = 96;
const ROUNDS = 4;

/**
 * Measures an int8 variant against its fp32 form.
 * @param texts - token ids, at least one, none of which calibrated.
 * @throws {HeadstartError} `interrupted` once the signal is aborted.
 */
export async function measureVariant(
  { fp32, int8, dim }: OpenPair,
  texts: readonly Int32Array[],
  signal?: AbortSignal,
): Promise<Omit<VariantMeasures, "input">> {
  const wide = await encodeSorted(fp32, texts, dim, signal);
  const narrow = await encodeSorted(int8, texts, dim, signal);
  const cosines = Array.from({ length: texts.length }, (_, i) => cosine(rowOf(wide, i), rowOf(narrow, i)));
  const timed = texts.slice(0, TIMED_TEXTS);
  const { wall, processor } = await speedRatios(fp32, int8, timed, signal);
  return {
    rows: texts.length,
    cosineMean: cosines.reduce((sum, value) => sum + value, 0) / cosines.length,
    cosineMin: Math.min(...cosines),
    neighbourInfluence: await neighbourInfluence(int8, texts.slice(0, NEIGHBOUR_TEXTS), dim),
    speedRatio: wall,
    processorRatio: processor,
    threads: int8.threads,
  };
}

function cosine(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  return aa === 0 && bb === 0 ? 1 : dot / Math.sqrt(aa * bb || 1);
}

/** Largest distance between a vector made alone and one made in a mixed batch, relative to its length. */
async function neighbourInfluence(
  encoder: Encoder,
  texts: readonly Int32Array[],
  dim: number,
): Promise<number> {
  let most = 0;
  for (let start = 0; start < texts.length; start += NEIGHBOURS) {
    const batch = texts.slice(start, start + NEIGHBOURS);
    const together: Matrix<Float32Array> = {
      data: await encoder.encodeTexts(batch),
      rows: batch.length,
      cols: dim,
    };
    for (const [i, ids] of batch.entries()) {
      const alone = await encoder.encodeTexts([ids]);
      const row = rowOf(together, i);
      const apart = Math.hypot(...alone.map((value, at) => value - row[at]!));
      most = Math.max(most, apart / (Math.hypot(...alone) || 1));
    }
  }
  return most;
}

/** How much faster the second is: the best of some rounds in which they take turns, batch by batch. */
async function speedRatios(
  fp32: Encoder,
  int8: Encoder,
  texts: readonly Int32Array[],
  signal: AbortSignal | undefined,
): Promise<{ wall: number; processor: number }> {
  const batches = sortedBatches(texts).map((batch) => batch.map((i) => texts[i]!));
  const best = [fp32, int8].map(() => batches.map(() => ({ wall: Infinity, processor: Infinity })));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, batch] of batches.entries()) {
      throwIfInterrupted(signal);
      for (const [which, encoder] of [fp32, int8].entries()) {
        const [begun, used] = [performance.now(), process.cpuUsage()];
        await encoder.encodeTexts(batch);
        const { user, system } = process.cpuUsage(used);
        const known = best[which]![at]!;
        best[which]![at] = {
          wall: Math.min(known.wall, performance.now() - begun),
          processor: Math.min(known.processor, user + system),
        };
      }
    }
  }
  const total = (which: number, clock: "wall" | "processor"): number =>
    best[which]!.reduce((sum, time) => sum + time[clock], 0);
  const ratio = (clock: "wall" | "processor"): number => total(0, clock) / total(1, clock);
  return { wall: ratio("wall"), processor: ratio("processor") };
}
