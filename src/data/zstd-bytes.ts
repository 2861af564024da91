import { Decompress } from "fzstd";
import { HeadstartError } from "../core/errors.js";

/** What `zstd -d` takes without being asked for more. */
const LARGEST_WINDOW = 128 * 2 ** 20;
/** A piece is unpacked at once: a kilobyte can hold 256 blocks of 128 KiB. */
const PIECE = 1024;

/**
 * Unpacks Zstandard, frame after frame.
 * @param check - called with the bytes of each block, before the next is unpacked; may throw.
 * @throws {HeadstartError} `data` for a window of more than 128 MiB; `Error` for damaged data.
 */
export async function* zstdBytes(
  packed: AsyncIterable<Uint8Array>,
  check: (more: number) => void,
): AsyncGenerator<Uint8Array> {
  let blocks: Uint8Array[] = [];
  const stream = new Decompress((block) => {
    check(block.length);
    if (block.length > 0) blocks.push(block);
  });
  let start: Uint8Array | null = new Uint8Array(0);
  for await (const piece of packed) {
    if (start !== null) {
      start = Buffer.concat([start, piece]);
      if (start.length < 18) continue;
      checkWindow(start);
    }
    const bytes: Uint8Array = start ?? piece;
    start = null;
    for (let at = 0; at < bytes.length; at += PIECE) {
      stream.push(bytes.subarray(at, at + PIECE));
      for (const block of blocks) yield block;
      blocks = [];
    }
  }
  if (start !== null) {
    checkWindow(start);
    stream.push(start);
  }
  stream.push(new Uint8Array(0), true);
  yield* blocks;
}

/** Reads the window's size from the frame's header (RFC 8878, 3.1.1.1). */
function checkWindow(frame: Uint8Array): void {
  const descriptor = frame[4] ?? 0;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  let window = 0;
  if ((descriptor & 0x20) === 0) {
    const byte = frame[5] ?? 0;
    const base = 2 ** (10 + (byte >> 3));
    window = base + (base / 8) * (byte & 7);
  } else {
    const at = 5 + [0, 1, 2, 4][descriptor & 3]!;
    const flag = descriptor >> 6;
    if (frame.length < at + [1, 2, 4, 8][flag]!) return;
    window =
      flag === 0
        ? frame[at]!
        : flag === 1
          ? view.getUint16(at, true)
          : flag === 2
            ? view.getUint32(at, true)
            : Number(view.getBigUint64(at, true));
  }
  if (window <= LARGEST_WINDOW) return;
  throw new HeadstartError(
    "data",
    `Zstandard data that need a window of ${window} bytes; at most ${LARGEST_WINDOW} are kept`,
    {
      facts: { window },
      hint: "Unpack it first, with zstd -d --long=31.",
    },
  );
}
