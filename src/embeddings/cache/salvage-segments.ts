import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { readAt } from "./read-records.js";
import { decodeHeader, FRAME_BYTES, hashOf, isWhole, prefixOf, recordBytes } from "./segment-format.js";
import { isAbandoned, listSegments, segmentPaths } from "./segment-names.js";
import { continueSegment } from "./segment-writer.js";

/**
 * Finishes the segments that killed processes left under way: cut back to their last whole record, indexed, renamed.
 * They count as finished when they were last written. Of several processes that try, one gets each.
 */
export async function salvageSegments(folder: string): Promise<void> {
  const { open: left } = await listSegments(folder);
  for (const file of left) {
    if (!isAbandoned(file, Date.now())) continue;
    const paths = segmentPaths(folder);
    try {
      await rename(file.path, paths.open);
      await finishAbandoned(paths.open, paths.finished, file.used);
    } catch {
      // Another process was quicker, or the disk is full: nothing of it is believed, and a later run tries again.
    } finally {
      paths.release();
    }
  }
}

async function finishAbandoned(path: string, final: string, finished: number): Promise<void> {
  const handle = await open(path, "a+");
  const dim = decodeHeader(await readAt(handle, 0, FRAME_BYTES));
  if (dim === null) {
    await handle.close();
    await rm(path, { force: true });
    return;
  }
  const prefixes = await wholeRecords(handle, dim);
  await handle.truncate(FRAME_BYTES + prefixes.length * recordBytes(dim));
  await continueSegment(path, handle, dim, prefixes).finish(final, finished);
}

/** The prefixes of the records up to the first that is torn. */
async function wholeRecords(handle: FileHandle, dim: number): Promise<number[]> {
  const stride = recordBytes(dim);
  const atOnce = Math.max(1, Math.floor(2 ** 20 / stride));
  const prefixes: number[] = [];
  for (;;) {
    const bytes = await readAt(handle, FRAME_BYTES + prefixes.length * stride, atOnce * stride);
    const records = Math.floor(bytes.length / stride);
    for (let i = 0; i < records; i++) {
      const record = bytes.subarray(i * stride, (i + 1) * stride);
      if (!isWhole(record)) return prefixes;
      prefixes.push(prefixOf(hashOf(record)));
    }
    if (records < atOnce) return prefixes;
  }
}
