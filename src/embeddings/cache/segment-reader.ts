import { type FileHandle, open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { readAt, readRecords, type WantedRecord } from "./read-records.js";
import {
  decodeHeader,
  decodeTrailer,
  FRAME_BYTES,
  hashOf,
  INDEX_BYTES,
  isWhole,
  positionsOf,
  prefixOf,
  recordBytes,
  segmentBytes,
  type Trailer,
  vectorBytesOf,
} from "./segment-format.js";
import { vectorBlock } from "./vector-block.js";

/** A finished segment whose index is in memory: 8 bytes a vector. Its file is open only while it is read. */
export interface Segment {
  readonly path: string;
  readonly trailer: Trailer;
  /** The vectors that it holds, checked against their checksums; null for the others, and all null once it is gone. */
  read(hashes: readonly Uint8Array[]): Promise<(Float32Array | null)[]>;
}

/** What the end of a segment says; null where the file is cut short, damaged or none. */
export async function readTrailer(handle: FileHandle): Promise<Trailer | null> {
  const { size } = await handle.stat();
  if (size < 2 * FRAME_BYTES) return null;
  const dim = decodeHeader(await readAt(handle, 0, FRAME_BYTES));
  const trailer = decodeTrailer(await readAt(handle, size - FRAME_BYTES, FRAME_BYTES));
  if (trailer === null || trailer.dim !== dim || size !== segmentBytes(dim, trailer.count)) return null;
  return trailer;
}

/** Opens a finished segment; null where it is damaged, gone, or of another dimension. */
export async function openSegment(path: string, dim: number): Promise<Segment | null> {
  const handle = await open(path, "r").catch(() => null);
  if (handle === null) return null;
  try {
    const trailer = await readTrailer(handle);
    if (trailer?.dim !== dim) return null;
    const start = FRAME_BYTES + trailer.count * recordBytes(dim);
    const bytes = await readAt(handle, start, trailer.count * INDEX_BYTES);
    if (crc32(bytes) !== trailer.indexCrc) return null;
    const index = new Uint32Array(2 * trailer.count);
    new Uint8Array(index.buffer).set(bytes);
    return {
      path,
      trailer,
      read: (hashes) => readVectors(path, index, dim, hashes),
    };
  } finally {
    await handle.close();
  }
}

async function readVectors(
  path: string,
  index: Uint32Array,
  dim: number,
  hashes: readonly Uint8Array[],
): Promise<(Float32Array | null)[]> {
  const found = new Array<Float32Array | null>(hashes.length).fill(null);
  const stride = recordBytes(dim);
  const wanted: WantedRecord[] = [];
  for (let i = 0; i < hashes.length; i++) {
    for (const position of positionsOf(index, prefixOf(hashes[i]!)))
      wanted.push({ i, at: FRAME_BYTES + position * stride });
  }
  if (wanted.length === 0) return found;
  const handle = await open(path, "r").catch(() => null);
  if (handle === null) return found;
  try {
    const copies = vectorBlock(dim, wanted.length);
    await readRecords(handle, wanted, stride, (i, record) => {
      if (record.length < stride || !hashOf(record).equals(hashes[i]!) || !isWhole(record)) return;
      found[i] = copies.add(vectorBytesOf(record));
    });
    return found;
  } catch {
    // A segment that cannot be read is as good as none: its vectors are computed again.
    return found;
  } finally {
    await handle.close();
  }
}
