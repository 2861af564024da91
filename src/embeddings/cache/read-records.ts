import type { FileHandle } from "node:fs/promises";

/** Records closer together than this are read at once, with what lies between. */
const GAP_BYTES = 64 * 1024;
const MOST_AT_ONCE = 4 * 2 ** 20;

/** A record that is wanted: what the caller calls it by, and the byte at which it begins. */
export interface WantedRecord {
  readonly i: number;
  readonly at: number;
}

/**
 * Reads records of equal length out of a file, neighbours together.
 * @param onRecord - called with each, in the file's order; the bytes are fewer where the file ends before.
 */
export async function readRecords(
  handle: FileHandle,
  wanted: readonly WantedRecord[],
  length: number,
  onRecord: (i: number, record: Buffer) => void,
): Promise<void> {
  const sorted = [...wanted].sort((a, b) => a.at - b.at);
  for (let from = 0; from < sorted.length; ) {
    const first = sorted[from]!.at;
    let to = from + 1;
    while (
      to < sorted.length &&
      sorted[to]!.at - sorted[to - 1]!.at <= GAP_BYTES &&
      sorted[to]!.at + length - first <= MOST_AT_ONCE
    ) {
      to++;
    }
    const bytes = await readAt(handle, first, sorted[to - 1]!.at + length - first);
    for (; from < to; from++) {
      const { i, at } = sorted[from]!;
      onRecord(i, bytes.subarray(at - first, at - first + length));
    }
  }
}

/** Fewer bytes where the file ends before. */
export async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
