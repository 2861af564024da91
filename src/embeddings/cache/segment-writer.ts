import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { crc32 } from "node:zlib";
import {
  encodeHeader,
  encodeRecord,
  encodeTrailer,
  FRAME_BYTES,
  MAX_RECORDS,
  prefixOf,
  recordBytes,
  sortedIndex,
} from "./segment-format.js";

/** A segment that is being written. */
export interface SegmentWriter {
  readonly count: number;
  readonly bytes: number;
  /** @param vectors - `[dim]` each, one for each hash. */
  append(hashes: readonly Uint8Array[], vectors: readonly Float32Array[]): Promise<void>;
  /** Whether so many more records have room in it. */
  takes(records: number): boolean;
  /** Adds index and trailer and gives the file the name `final`; a segment without records is removed. */
  finish(final: string, finished: number): Promise<void>;
  /** Removes it. */
  discard(): Promise<void>;
}

/** Begins a segment in a file that must not exist yet. */
export async function beginSegment(path: string, dim: number): Promise<SegmentWriter> {
  const handle = await open(path, "wx");
  await handle.writeFile(encodeHeader(dim));
  return continueSegment(path, handle, dim, []);
}

/** A writer over a file that holds a header and whole records, positioned at its end. @param prefixes - of those records. */
export function continueSegment(
  path: string,
  handle: FileHandle,
  dim: number,
  prefixes: number[],
): SegmentWriter {
  const stride = recordBytes(dim);
  return {
    get count() {
      return prefixes.length;
    },
    get bytes() {
      return FRAME_BYTES + prefixes.length * stride;
    },
    takes: (records) => prefixes.length + records <= MAX_RECORDS,
    async append(hashes, vectors) {
      const records = Buffer.alloc(hashes.length * stride);
      hashes.forEach((hash, i) => {
        encodeRecord(records, i * stride, hash, vectors[i]!);
      });
      await handle.writeFile(records);
      for (const hash of hashes) prefixes.push(prefixOf(hash));
    },
    async finish(final, finished) {
      if (prefixes.length === 0) {
        await handle.close();
        await rm(path, { force: true });
        return;
      }
      const index = sortedIndex(Uint32Array.from(prefixes));
      const bytes = Buffer.from(index.buffer);
      const trailer = encodeTrailer({ dim, count: prefixes.length, indexCrc: crc32(bytes), finished });
      await handle.writeFile(Buffer.concat([bytes, trailer]));
      await handle.close();
      await rename(path, final);
    },
    async discard() {
      await handle.close();
      await rm(path, { force: true });
    },
  };
}
