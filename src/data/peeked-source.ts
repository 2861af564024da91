import type { ByteSource } from "./byte-source.js";

/** The first bytes of a stream, and the same stream with them put back. */
export interface Peeked {
  readonly start: Buffer;
  readonly source: ByteSource;
}

/**
 * Looks at the first `length` bytes, or all where there are fewer, of a source that can be read only once.
 * @param isEnough - hears each piece as it comes; true ends the looking before `length`.
 */
export async function peekedSource(
  source: ByteSource,
  length: number,
  isEnough: (piece: Uint8Array) => boolean = () => false,
): Promise<Peeked> {
  const pieces = source.bytes()[Symbol.asyncIterator]();
  const taken: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < length) {
    const next = await pieces.next();
    if (next.done) break;
    taken.push(next.value);
    bytes += next.value.length;
    if (isEnough(next.value)) break;
  }
  let used = false;
  return {
    start: Buffer.concat(taken).subarray(0, length),
    source: {
      ...source,
      async *bytes() {
        if (used) yield* source.bytes();
        used = true;
        try {
          yield* taken;
          for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value;
        } finally {
          await pieces.return?.();
        }
      },
    },
  };
}
