const MAGIC = 0x184d2204;

/**
 * Unpacks one LZ4 frame, as Arrow's compressed buffers are; checksums are passed over.
 * Source: the LZ4 frame and block format descriptions, versions 1.6.
 * @param limit - bytes that it may unpack to.
 * @throws {Error} for damaged data and beyond the limit.
 */
export function lz4Frame(bytes: Uint8Array, limit: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 7 || view.getUint32(0, true) !== MAGIC) throw new Error("not an LZ4 frame");
  const flags = bytes[4]!;
  const blockChecksum = (flags & 0x10) !== 0 ? 4 : 0;
  let at = 6 + ((flags & 0x08) !== 0 ? 8 : 0) + ((flags & 0x01) !== 0 ? 4 : 0) + 1;
  let output = new Uint8Array(Math.min(limit, Math.max(65_536, bytes.length * 4)));
  let length = 0;
  const grow = (needed: number): void => {
    if (needed > limit) throw new Error(`LZ4 data that unpack to more than ${limit} bytes`);
    if (needed <= output.length) return;
    const larger = new Uint8Array(Math.min(limit, Math.max(needed, output.length * 2)));
    larger.set(output.subarray(0, length));
    output = larger;
  };

  const block = (from: number, end: number): void => {
    let source = from;
    const count = (start: number): number => {
      let sum = start;
      if (start !== 15) return sum;
      for (let byte = 255; byte === 255; ) {
        if (source >= end) throw new Error("an LZ4 block ends too early");
        byte = bytes[source++]!;
        sum += byte;
      }
      return sum;
    };
    while (source < end) {
      const token = bytes[source++]!;
      const literals = count(token >> 4);
      if (source + literals > end) throw new Error("an LZ4 block ends too early");
      grow(length + literals);
      output.set(bytes.subarray(source, source + literals), length);
      source += literals;
      length += literals;
      if (source >= end) return;
      if (source + 2 > end) throw new Error("an LZ4 block ends too early");
      const distance = bytes[source]! | (bytes[source + 1]! << 8);
      source += 2;
      if (distance === 0 || distance > length) throw new Error("an LZ4 block refers to before its beginning");
      const match = count(token & 15) + 4;
      grow(length + match);
      if (distance >= match) output.copyWithin(length, length - distance, length - distance + match);
      else for (let i = 0; i < match; i++) output[length + i] = output[length + i - distance]!;
      length += match;
    }
  };

  for (;;) {
    if (at + 4 > bytes.length) throw new Error("an LZ4 frame ends too early");
    const header = view.getUint32(at, true);
    at += 4;
    if (header === 0) return output.subarray(0, length);
    const size = header & 0x7fffffff;
    if (at + size > bytes.length) throw new Error("an LZ4 frame ends too early");
    if (header >>> 31 === 1) {
      grow(length + size);
      output.set(bytes.subarray(at, at + size), length);
      length += size;
    } else block(at, at + size);
    at += size + blockChecksum;
  }
}
