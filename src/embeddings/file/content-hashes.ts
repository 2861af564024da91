import { HASH_BYTES } from "./schema.js";

/**
 * Whether a row's content is known: vectors that were imported may come without, which is null in the file and zeros in
 * memory.
 * @param hashes - `[n, 16]`, row-major.
 */
export function hasHash(hashes: Uint8Array, row: number): boolean {
  const end = (row + 1) * HASH_BYTES;
  for (let i = row * HASH_BYTES; i < end; i++) if (hashes[i] !== 0) return true;
  return false;
}

/** The validity of a column of hashes. */
export function hashValidity(hashes: Uint8Array): { nullCount: number; nullBitmap?: Uint8Array } {
  const length = hashes.length / HASH_BYTES;
  const bits = new Uint8Array(Math.ceil(length / 64) * 8);
  let nullCount = 0;
  for (let row = 0; row < length; row++) {
    if (hasHash(hashes, row)) bits[row >> 3]! |= 1 << (row & 7);
    else nullCount++;
  }
  return nullCount === 0 ? { nullCount } : { nullCount, nullBitmap: bits };
}
