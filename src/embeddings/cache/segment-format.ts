import { crc32 } from "node:zlib";
import { HASH_BYTES } from "../file/schema.js";

/**
 * A segment holds vectors of one backbone: a header, records in the order in which they came, an index, a trailer.
 * All numbers are little-endian.
 *
 * - header, 64 bytes: magic, dim (u32), crc32 of these (u32), zeros
 * - record, `20 + 4 dim` bytes: content hash (16), vector (float32 each), crc32 of these (u32)
 * - index, 8 bytes a record, sorted: the record's position (u32), the first four bytes of its hash (u32)
 * - trailer, 64 bytes: magic, dim, count, crc32 of the index (u32 each), time of finishing (float64, ms since 1970),
 *   crc32 of these (u32), zeros
 *
 * A segment under way has no index and no trailer; each of its records vouches for itself.
 */
export const FRAME_BYTES = 64;

/** Bytes of an index entry. */
export const INDEX_BYTES = 8;

/** Most records of a segment. */
export const MAX_RECORDS = 2 ** 21;

const MAGIC = Buffer.from("HSVECTR1", "latin1");

/** What a finished segment says at its end. */
export interface Trailer {
  readonly dim: number;
  readonly count: number;
  readonly indexCrc: number;
  /** Milliseconds since 1970. */
  readonly finished: number;
}

/** Bytes of a record. */
export const recordBytes = (dim: number): number => HASH_BYTES + 4 * dim + 4;

/** Bytes of a finished segment. */
export const segmentBytes = (dim: number, count: number): number =>
  2 * FRAME_BYTES + count * (recordBytes(dim) + INDEX_BYTES);

export function encodeHeader(dim: number): Buffer {
  const header = Buffer.alloc(FRAME_BYTES);
  MAGIC.copy(header);
  header.writeUInt32LE(dim, 8);
  header.writeUInt32LE(crc32(header.subarray(0, 12)), 12);
  return header;
}

/** The dimension that a header tells; null if it is none. */
export function decodeHeader(header: Buffer): number | null {
  if (header.length < FRAME_BYTES || !header.subarray(0, 8).equals(MAGIC)) return null;
  return header.readUInt32LE(12) === crc32(header.subarray(0, 12)) ? header.readUInt32LE(8) : null;
}

export function encodeTrailer({ dim, count, indexCrc, finished }: Trailer): Buffer {
  const trailer = Buffer.alloc(FRAME_BYTES);
  MAGIC.copy(trailer);
  trailer.writeUInt32LE(dim, 8);
  trailer.writeUInt32LE(count, 12);
  trailer.writeUInt32LE(indexCrc, 16);
  trailer.writeDoubleLE(finished, 20);
  trailer.writeUInt32LE(crc32(trailer.subarray(0, 28)), 28);
  return trailer;
}

/** Null if these bytes are no trailer. */
export function decodeTrailer(trailer: Buffer): Trailer | null {
  if (trailer.length < FRAME_BYTES || !trailer.subarray(0, 8).equals(MAGIC)) return null;
  if (trailer.readUInt32LE(28) !== crc32(trailer.subarray(0, 28))) return null;
  return {
    dim: trailer.readUInt32LE(8),
    count: trailer.readUInt32LE(12),
    indexCrc: trailer.readUInt32LE(16),
    finished: trailer.readDoubleLE(20),
  };
}

/** Writes one record into `target` at `at`. */
export function encodeRecord(target: Buffer, at: number, hash: Uint8Array, vector: Float32Array): void {
  target.set(hash, at);
  target.set(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength), at + HASH_BYTES);
  const end = at + recordBytes(vector.length) - 4;
  target.writeUInt32LE(crc32(target.subarray(at, end)), end);
}

/** Whether the record's checksum is right. */
export function isWhole(record: Buffer): boolean {
  const end = record.length - 4;
  return record.readUInt32LE(end) === crc32(record.subarray(0, end));
}

export const hashOf = (record: Buffer): Buffer => record.subarray(0, HASH_BYTES);

/** A record's vector: its bytes. */
export const vectorBytesOf = (record: Buffer): Buffer => record.subarray(HASH_BYTES, record.length - 4);

/** A copy of a record's vector. */
export function vectorOf(record: Buffer): Float32Array {
  const bytes = vectorBytesOf(record);
  const vector = new Float32Array(bytes.length / 4);
  new Uint8Array(vector.buffer).set(bytes);
  return vector;
}

/** What the index sorts by: the first four bytes of a hash. */
export const prefixOf = (hash: Uint8Array): number =>
  (hash[0]! | (hash[1]! << 8) | (hash[2]! << 16) | (hash[3]! << 24)) >>> 0;

/**
 * The index of records in the order in which they were written.
 * @returns `[position, prefix]` pairs, sorted by prefix: pairs of 64 bits, the prefix the upper half.
 */
export function sortedIndex(prefixes: Uint32Array): Uint32Array {
  const index = new Uint32Array(2 * prefixes.length);
  for (let i = 0; i < prefixes.length; i++) {
    index[2 * i] = i;
    index[2 * i + 1] = prefixes[i]!;
  }
  new BigUint64Array(index.buffer).sort();
  return index;
}

/** Positions of the records whose hashes begin with `prefix`; almost always one or none. */
export function positionsOf(index: Uint32Array, prefix: number): number[] {
  let low = 0;
  let high = index.length / 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (index[2 * middle + 1]! < prefix) low = middle + 1;
    else high = middle;
  }
  const found: number[] = [];
  for (let i = low; i < index.length / 2 && index[2 * i + 1] === prefix; i++) found.push(index[2 * i]!);
  return found;
}
