import { checkMessageBytes } from "./arrow-metadata.js";

/** Bytes of a message's metadata; those of ten thousand columns have some. */
const LARGEST_METADATA = 64 * 2 ** 20;

/**
 * Passes an Arrow IPC stream on, piece by piece, and checks the metadata of each message before its reader sees it.
 * @param limit - bytes that the body of a message may have.
 * @param mustEnd - whether a stream without the mark of its end counts as cut short: who wrote it has failed.
 * @throws {Error} where a message claims what it cannot hold.
 */
export async function* checkedMessages(
  bytes: AsyncIterable<Uint8Array>,
  limit: number,
  mustEnd = false,
): AsyncGenerator<Uint8Array> {
  let held: Buffer = Buffer.alloc(0);
  let body = 0;
  let ended = false;
  for await (const piece of bytes) {
    held =
      held.length === 0
        ? Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
        : Buffer.concat([held, piece]);
    while (held.length > 0 && !ended) {
      if (body > 0) {
        const part = held.subarray(0, body);
        body -= part.length;
        held = held.subarray(part.length);
        yield part;
        continue;
      }
      if (held.length < 8) break;
      // Before Arrow 0.15 a message began with its length, without the mark of -1.
      const marked = held.readInt32LE(0) === -1;
      const prefix = marked ? 8 : 4;
      const length = held.readInt32LE(prefix - 4);
      if (length === 0) {
        ended = true;
        break;
      }
      if (length < 0 || length > LARGEST_METADATA)
        throw new Error(`a message claims ${length} bytes of metadata`);
      if (held.length < prefix + length) break;
      body = checkMessageBytes(held.subarray(prefix, prefix + length));
      if (!(body >= 0 && body <= limit))
        throw new Error(`a batch of ${body} bytes; at most ${limit} are read`);
      yield held.subarray(0, prefix + length);
      held = held.subarray(prefix + length);
    }
    if (ended) {
      yield held;
      return;
    }
  }
  if (mustEnd) throw new Error("it is cut short: the mark of its end is missing");
  if (held.length > 0) yield held;
}
