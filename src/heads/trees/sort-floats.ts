/** Values in ascending order, and the place that each came from. */
export interface SortedFloats {
  readonly values: Float32Array;
  readonly order: Int32Array;
}

/** Below this many, the passes over the counters cost more than comparing. */
const FEW = 512;

/**
 * A sorter of `n` finite float32 numbers; 0 and -0 are the same number to it. It keeps its scratch memory: the
 * result holds until the next call. Radix sort in three passes of 11 bits over the bits of the numbers, turned so
 * that their order as unsigned integers is that of the numbers; stable.
 */
export function sortFloats(n: number): (column: Float32Array) => SortedFloats {
  const values = new Float32Array(n);
  const order = new Int32Array(n);
  if (n < FEW) {
    return (column) => {
      for (let i = 0; i < n; i++) order[i] = i;
      order.sort((a, b) => column[a]! - column[b]!);
      for (let i = 0; i < n; i++) values[i] = column[order[i]!]!;
      return { values, order };
    };
  }
  const bits = new Int32Array(values.buffer);
  const keys = new Int32Array(n);
  const nextKeys = new Int32Array(n);
  const nextOrder = new Int32Array(n);
  const counts = new Int32Array(3 * 2048);
  return (column) => {
    counts.fill(0);
    values.set(column);
    for (let i = 0; i < n; i++) {
      const raw = bits[i]! === -0x80000000 ? 0 : bits[i]!;
      const key = raw ^ ((raw >> 31) | -0x80000000);
      keys[i] = key;
      counts[key & 2047]!++;
      counts[2048 + ((key >>> 11) & 2047)]!++;
      counts[4096 + (key >>> 22)]!++;
    }
    for (let pass = 0; pass < 3; pass++) {
      for (let k = 0, sum = 0; k < 2048; k++) {
        const count = counts[pass * 2048 + k]!;
        counts[pass * 2048 + k] = sum;
        sum += count;
      }
    }
    for (let i = 0; i < n; i++) {
      const at = counts[keys[i]! & 2047]!++;
      nextKeys[at] = keys[i]!;
      nextOrder[at] = i;
    }
    for (let i = 0; i < n; i++) {
      const at = counts[2048 + ((nextKeys[i]! >>> 11) & 2047)]!++;
      keys[at] = nextKeys[i]!;
      order[at] = nextOrder[i]!;
    }
    for (let i = 0; i < n; i++) {
      const at = counts[4096 + (keys[i]! >>> 22)]!++;
      nextOrder[at] = order[i]!;
    }
    for (let i = 0; i < n; i++) {
      order[i] = nextOrder[i]!;
      values[i] = column[nextOrder[i]!]!;
    }
    return { values, order };
  };
}
