import { type FileHandle, open } from "node:fs/promises";
import { crc32 } from "node:zlib";
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
  vectorOf,
} from "./segment-format.js";

/** A finished segment whose index is in memory: 8 bytes a vector. Its file is open only while it is read. */
export interface Segment {
  readonly path: string;
  readonly trailer: Trailer;
  /** Whether it may hold a content of this hash. */
  mayHold(hash: Uint8Array): boolean;
  /** The vectors that it holds, checked against their checksums; null for the others, and all null once it is gone. */
  read(hashes: readonly Uint8Array[]): Promise<(Float32Array | null)[]>;
}

/** Records closer together than this are read at once, with what lies between. */
const GAP_BYTES = 64 * 1024;
const MOST_AT_ONCE = 4 * 2 ** 20;

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
      mayHold: (hash) => positionsOf(index, prefixOf(hash)).length > 0,
      read: (hashes) => readRecords(path, index, dim, hashes),
    };
  } finally {
    await handle.close();
  }
}

async function readRecords(
  path: string,
  index: Uint32Array,
  dim: number,
  hashes: readonly Uint8Array[],
): Promise<(Float32Array | null)[]> {
  const found = new Array<Float32Array | null>(hashes.length).fill(null);
  const wanted = hashes
    .flatMap((hash, i) => positionsOf(index, prefixOf(hash)).map((position) => ({ i, position })))
    .sort((a, b) => a.position - b.position);
  const handle = await open(path, "r").catch(() => null);
  if (handle === null) return found;
  const stride = recordBytes(dim);
  try {
    for (let from = 0; from < wanted.length; ) {
      const first = wanted[from]!.position;
      let to = from + 1;
      while (
        to < wanted.length &&
        (wanted[to]!.position - wanted[to - 1]!.position) * stride <= GAP_BYTES &&
        (wanted[to]!.position + 1 - first) * stride <= MOST_AT_ONCE
      ) {
        to++;
      }
      const stretch = (wanted[to - 1]!.position + 1 - first) * stride;
      const bytes = await readAt(handle, FRAME_BYTES + first * stride, stretch);
      for (const { i, position } of wanted.slice(from, to)) {
        const record = bytes.subarray((position - first) * stride, (position + 1 - first) * stride);
        if (record.length < stride || !hashOf(record).equals(hashes[i]!) || !isWhole(record)) continue;
        found[i] = vectorOf(record);
      }
      from = to;
    }
    return found;
  } catch {
    // A segment that cannot be read is as good as none: its vectors are computed again.
    return found;
  } finally {
    await handle.close();
  }
}

/** Fewer bytes where the file ends before. */
export async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
