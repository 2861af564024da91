/** Prepared rows of a batch behind one another in one buffer, which may go from thread to thread. */
export interface PackedBatch {
  readonly kind: "texts" | "images" | "sounds";
  readonly data: Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
  /** Of each row. */
  readonly lengths: Int32Array;
}

/** Buffers that came back, for the next batches. */
export interface BufferPool {
  take(bytes: number): ArrayBuffer;
  give(buffer: ArrayBuffer): void;
}

/** @param most - buffers that are kept. */
export function bufferPool(most: number): BufferPool {
  const free: ArrayBuffer[] = [];
  return {
    take(bytes) {
      const at = free.findIndex(({ byteLength }) => byteLength >= bytes);
      return at >= 0 ? free.splice(at, 1)[0]! : new ArrayBuffer(bytes);
    },
    give(buffer) {
      // The smallest goes where there are too many: batches become as large again.
      free.push(buffer);
      free.sort((a, b) => a.byteLength - b.byteLength);
      if (free.length > most) free.shift();
    },
  };
}

/** Copies the rows into a buffer of the pool. */
export function packBatch(
  kind: PackedBatch["kind"],
  rows: readonly (Int32Array | Float32Array)[],
  pool: BufferPool,
): PackedBatch {
  const lengths = Int32Array.from(rows, ({ length }) => length);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const buffer = pool.take(4 * total);
  const data = kind === "texts" ? new Int32Array(buffer, 0, total) : new Float32Array(buffer, 0, total);
  let at = 0;
  for (const row of rows) {
    data.set(row, at);
    at += row.length;
  }
  return { kind, data, lengths };
}

/** The rows as views. */
export function unpackRows<Data extends Int32Array | Float32Array>(data: Data, lengths: Int32Array): Data[] {
  let at = 0;
  return Array.from(lengths, (length) => {
    at += length;
    return data.subarray(at - length, at) as Data;
  });
}
