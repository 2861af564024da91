/**
 * Vectors of contents that were embedded before, by the hash of the content; all of one backbone's fingerprint.
 * Both are called once for a stretch of rows (texts) or for single ones (images, sounds), from one thread.
 */
export interface VectorStore {
  /**
   * Asked before anything is tokenised or decoded: a vector that is known costs no run and no decoding, and tokenising only
   * where the text may be longer than the backbone reads, which is counted.
   * @param hashes - of distinct contents, 16 bytes each.
   * @returns as many: `[dim]` each, or null where none is known.
   */
  lookup(hashes: readonly Uint8Array[]): Promise<readonly (Float32Array | null)[]>;
  /**
   * Told of each window once its vectors are there, in the input's order; never of a vector with numbers that are not
   * finite. The vectors are views that are only good until the promise settles.
   */
  add(hashes: readonly Uint8Array[], vectors: readonly Float32Array[]): Promise<void>;
}
