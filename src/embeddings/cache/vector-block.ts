/** Vectors that are copied next to one another: one piece of memory for all, which costs far less than one for each. */
export interface VectorBlock {
  /** @param bytes - `4 dim` of them, little-endian. @returns a view of the copy. */
  add(bytes: Uint8Array): Float32Array;
}

/** Room for so many vectors. */
export function vectorBlock(dim: number, count: number): VectorBlock {
  const values = new Float32Array(dim * count);
  const room = new Uint8Array(values.buffer);
  let at = 0;
  return {
    add(bytes) {
      room.set(bytes, 4 * at);
      at += dim;
      return values.subarray(at - dim, at);
    },
  };
}
