import { type FileHandle, open } from "node:fs/promises";
import { AsyncRecordBatchFileReader, RecordBatchReader } from "apache-arrow";
import { HeadstartError, messageOf } from "../core/errors.js";
import { checkFooterBytes, checkMessageBytes } from "./arrow-metadata.js";

/** Bytes of a batch: its body lies in one buffer. */
export const LARGEST_BATCH = 2 ** 31 - 1;
/** Bytes of a footer, and of what describes a batch. */
const LARGEST_METADATA = 64 * 2 ** 20;
const MAGIC = "ARROW1";
/** Magic at both ends, padding after the first, and the footer's length. */
const SMALLEST = 2 * MAGIC.length + 2 + 4;
const AGAIN = "Copy it again from where it is whole, or write it again.";

/** A `data` error about Arrow input. @param problem - to follow the name. */
export function arrowError(name: string, problem: string, hint = AGAIN, cause?: unknown): HeadstartError {
  return new HeadstartError("data", `${name} ${problem}`, { facts: { file: name }, hint, cause });
}

/** Whether a file is an Arrow file, a stream in a file, or neither, by its first bytes. */
export async function arrowKindOf(handle: FileHandle): Promise<"file" | "stream" | null> {
  const start = Buffer.alloc(8);
  await handle.read(start, 0, 8, 0);
  if (start.toString("latin1", 0, MAGIC.length) === MAGIC) return "file";
  return start.readInt32LE(0) === -1 ? "stream" : null;
}

/** Opens a file for reading. @throws {HeadstartError} `io`. */
export async function openHandle(path: string): Promise<FileHandle> {
  return open(path, "r").catch((cause: unknown) => {
    throw new HeadstartError("io", `Cannot read ${path}: ${messageOf(cause)}`, { facts: { path }, cause });
  });
}

/**
 * Opens an Arrow IPC file by its footer, which is checked against the file: every batch lies inside it.
 * @throws {HeadstartError} `data` if it is cut short or damaged.
 */
export async function openArrowFile(handle: FileHandle, name: string): Promise<AsyncRecordBatchFileReader> {
  const { size } = await handle.stat();
  const ends = Buffer.alloc(MAGIC.length + 4);
  if (size >= SMALLEST) await handle.read(ends, 0, ends.length, size - ends.length);
  if (ends.toString("latin1", 4) !== MAGIC) {
    throw arrowError(name, "is cut short: an Arrow file ends in a footer, this one does not");
  }
  const length = ends.readInt32LE(0);
  if (length <= 0 || length > size - SMALLEST)
    throw arrowError(name, `is damaged: it claims a footer of ${length} bytes`);
  await checkMetadata(handle, name, size - ends.length - length, length, checkFooterBytes);
  const reader = await opened(handle, name);
  const { footer } = reader as unknown as { footer: Footer | null };
  if (footer === null) throw arrowError(name, "is damaged: it has no footer");
  for (const block of [...footer.recordBatches(), ...footer.dictionaryBatches()]) {
    const end = block.offset + block.metaDataLength + block.bodyLength;
    if (block.offset < 8 || block.metaDataLength <= 0 || block.bodyLength < 0 || end > size) {
      throw arrowError(name, "is damaged: its footer points outside the file");
    }
    await checkMetadata(handle, name, block.offset, block.metaDataLength, (bytes) =>
      checkMessageBytes(bytes.subarray(bytes.readInt32LE(0) === -1 ? 8 : 4)),
    );
    if (block.bodyLength > LARGEST_BATCH) {
      throw arrowError(
        name,
        `has a batch of ${block.bodyLength} bytes; at most ${LARGEST_BATCH} are read`,
        "Write it in smaller batches, for example with max_chunksize in pyarrow or record_batch_size in polars.",
      );
    }
  }
  return reader;
}

/** Reads a part of the file and checks it. */
async function checkMetadata(
  handle: FileHandle,
  name: string,
  start: number,
  length: number,
  check: (bytes: Buffer) => unknown,
): Promise<void> {
  if (length > LARGEST_METADATA) throw arrowError(name, `is damaged: it claims ${length} bytes of metadata`);
  const bytes = Buffer.alloc(length);
  await handle.read(bytes, 0, length, start);
  try {
    check(bytes);
  } catch (cause) {
    throw arrowError(name, `is damaged: ${messageOf(cause)}`, AGAIN, cause);
  }
}

async function opened(handle: FileHandle, name: string): Promise<AsyncRecordBatchFileReader> {
  try {
    const reader = await RecordBatchReader.from(handle);
    if (!(reader instanceof AsyncRecordBatchFileReader)) throw new TypeError("its footer cannot be read");
    return (await reader.open({ autoDestroy: false })) as AsyncRecordBatchFileReader;
  } catch (cause) {
    throw arrowError(name, `is damaged: ${messageOf(cause)}`, AGAIN, cause);
  }
}

interface Footer {
  recordBatches(): Iterable<Block>;
  dictionaryBatches(): Iterable<Block>;
}

interface Block {
  readonly offset: number;
  readonly metaDataLength: number;
  readonly bodyLength: number;
}
