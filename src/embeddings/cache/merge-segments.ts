import { open, rm } from "node:fs/promises";
import { readAt } from "./read-records.js";
import { FRAME_BYTES, hashOf, isWhole, recordBytes, vectorOf } from "./segment-format.js";
import { listSegments, segmentPaths } from "./segment-names.js";
import { readTrailer } from "./segment-reader.js";
import { beginSegment, type SegmentWriter } from "./segment-writer.js";

/** Segments below this size are small. */
const SMALL_BYTES = 8e6;
/** So many small ones are made one. */
const MOST_SMALL = 16;

/**
 * Makes the many small segments that short runs leave into one, which counts as finished when the newest of them was.
 * Whoever reads one that is gone finds nothing in it; killed in between, vectors are there twice, which harms nothing.
 */
export async function mergeSmallSegments(folder: string, dim: number): Promise<void> {
  const { finished } = await listSegments(folder);
  const small = finished.filter(({ bytes }) => bytes < SMALL_BYTES);
  if (small.length < MOST_SMALL) return;
  const paths = segmentPaths(folder);
  try {
    const merged = await beginSegment(paths.open, dim);
    let newest = 0;
    const taken: string[] = [];
    try {
      for (const { path } of small) {
        const time = await copySegment(path, dim, merged);
        if (time === null) continue;
        newest = Math.max(newest, time);
        taken.push(path);
      }
    } catch (thrown) {
      await merged.discard();
      throw thrown;
    }
    await merged.finish(paths.finished, newest);
    for (const path of taken) await rm(path, { force: true }).catch(() => undefined);
  } finally {
    paths.release();
  }
}

/** Appends a segment's whole records. @returns when it was finished; null where it is gone, damaged, or has no room. */
async function copySegment(path: string, dim: number, target: SegmentWriter): Promise<number | null> {
  const handle = await open(path, "r").catch(() => null);
  if (handle === null) return null;
  try {
    const trailer = await readTrailer(handle);
    if (trailer?.dim !== dim || !target.takes(trailer.count)) return null;
    const stride = recordBytes(dim);
    const bytes = await readAt(handle, FRAME_BYTES, trailer.count * stride);
    const records = Array.from({ length: trailer.count }, (_, i) =>
      bytes.subarray(i * stride, (i + 1) * stride),
    ).filter(isWhole);
    await target.append(records.map(hashOf), records.map(vectorOf));
    return trailer.finished;
  } finally {
    await handle.close();
  }
}
