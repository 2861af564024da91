import { closeSync, openSync, readSync, statSync } from "node:fs";
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync } from "hyparquet";
import { HeadstartError, messageOf } from "../core/errors.js";

/** Bytes of a footer; those of ten thousand columns by a thousand row groups have some. */
const LARGEST_FOOTER = 256 * 2 ** 20;
const AGAIN = "Copy it again from where it is whole, or write it again.";

/** A row group as the footer describes it. */
export type ParquetRowGroup = FileMetaData["row_groups"][number];

/** A Parquet file, open, and its footer, checked as far as it tells. */
export interface ParquetFile {
  readonly buffer: AsyncBuffer;
  readonly metadata: FileMetaData;
  close(): void;
}

/** A `data` error about a Parquet file. @param problem - to follow the file's name. */
export function parquetError(name: string, problem: string, hint = AGAIN, cause?: unknown): HeadstartError {
  return new HeadstartError("data", `${name} ${problem}`, { facts: { file: name }, hint, cause });
}

/**
 * Opens a Parquet file and checks its footer against the file: every column chunk lies inside it, and rows add up.
 * @throws {HeadstartError} `io` if it cannot be read, `data` if it is something else, encrypted, or damaged.
 */
export async function openParquet(path: string, name: string): Promise<ParquetFile> {
  let fd: number;
  let size: number;
  try {
    fd = openSync(path, "r");
    size = statSync(path).size;
  } catch (cause) {
    throw new HeadstartError("io", `Cannot read ${path}: ${messageOf(cause)}`, { facts: { path }, cause });
  }
  const close = (): void => closeSync(fd);
  try {
    const read = (start: number, end: number): ArrayBuffer => {
      if (!(start >= 0 && end >= start && end <= size))
        throw new RangeError(`bytes ${start} to ${end} of ${size}`);
      const buffer = new ArrayBuffer(end - start);
      const bytes = new Uint8Array(buffer);
      for (let at = 0; at < bytes.length; ) {
        const got = readSync(fd, bytes, at, bytes.length - at, start + at);
        if (got === 0) throw new RangeError("the file has become shorter");
        at += got;
      }
      return buffer;
    };
    checkEnds(name, size, read);
    const buffer: AsyncBuffer = { byteLength: size, slice: (start, end = size) => read(start, end) };
    const metadata = await parquetMetadataAsync(buffer, { geoparquet: false }).catch((cause: unknown) => {
      throw parquetError(name, `is damaged: its footer cannot be read (${messageOf(cause)})`, AGAIN, cause);
    });
    try {
      checkFooter(name, size, metadata);
    } catch (cause) {
      if (cause instanceof HeadstartError) throw cause;
      throw parquetError(name, "is damaged: its footer lacks what a footer has", AGAIN, cause);
    }
    return { buffer, metadata, close };
  } catch (thrown) {
    close();
    throw thrown;
  }
}

function checkEnds(name: string, size: number, read: (start: number, end: number) => ArrayBuffer): void {
  const start = Buffer.from(read(0, Math.min(4, size))).toString("latin1");
  if (size === 0) throw parquetError(name, "is empty");
  if (start === "PARE") {
    throw parquetError(name, "is encrypted, and no keys are taken", "Write it without encryption.");
  }
  if (start !== "PAR1") throw parquetError(name, "is not a Parquet file", "Name its format with --format.");
  const tail = Buffer.from(read(Math.max(0, size - 8), size));
  if (size < 12 || tail.toString("latin1", 4) !== "PAR1") {
    throw parquetError(name, "is cut short: a Parquet file ends in a footer, this one does not");
  }
  const footer = tail.readUInt32LE(0);
  if (footer > size - 12 || footer > LARGEST_FOOTER) {
    throw parquetError(name, `is damaged: it claims a footer of ${footer} bytes`);
  }
}

function checkFooter(name: string, size: number, { row_groups, num_rows, schema }: FileMetaData): void {
  const leaves = schema.filter((element) => element.type !== undefined).length;
  let rows = 0n;
  for (const group of row_groups) {
    if (group.num_rows < 0n || group.num_rows > 2n ** 31n) {
      throw parquetError(name, `is damaged: it claims a row group of ${group.num_rows} rows`);
    }
    rows += group.num_rows;
    if (group.columns.length !== leaves) {
      throw parquetError(name, `is damaged: a row group has ${group.columns.length} columns of ${leaves}`);
    }
    for (const { meta_data: meta, file_path } of group.columns) {
      if (file_path) throw parquetError(name, "keeps its columns in other files, which are not read");
      if (meta === undefined) throw parquetError(name, "has encrypted columns, and no keys are taken");
      const start = meta.dictionary_page_offset || meta.data_page_offset;
      const end = start + meta.total_compressed_size;
      if (start < 4n || meta.total_compressed_size < 0n || end > BigInt(size)) {
        throw parquetError(
          name,
          `is damaged: column '${meta.path_in_schema.join(".")}' lies outside the file`,
        );
      }
    }
  }
  if (rows !== num_rows)
    throw parquetError(name, `is damaged: ${num_rows} rows in all, ${rows} in its row groups`);
}
