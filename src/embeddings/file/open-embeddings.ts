import { type FileHandle, open } from "node:fs/promises";
import { AsyncRecordBatchFileReader, RecordBatchReader, type Schema } from "apache-arrow";
import { HeadstartError, messageOf } from "../../core/errors.js";
import { systemCode } from "../../core/system-code.js";
import { schemaProblem, vectorTypeOf } from "./batch-columns.js";
import { ioError } from "./io-error.js";
import { keptColumns } from "./read-kept.js";
import { type EmbeddingsMeta, FORMAT_VERSION, METADATA } from "./schema.js";
import { hasPositions, isShardRecord } from "./shard-record.js";

/** An embeddings file, open and checked as far as its footer tells. */
export interface OpenEmbeddings {
  readonly reader: AsyncRecordBatchFileReader;
  readonly meta: EmbeddingsMeta;
  readonly batches: number;
  /** Bytes of the file. */
  readonly size: number;
  close(): Promise<void>;
}

const MAGIC = "ARROW1";
/** Magic at both ends, padding after the first, and the footer's length. */
const SMALLEST = 2 * MAGIC.length + 2 + 4;

/**
 * Opens an embeddings file and checks it: that it is a whole Arrow file, whose every batch lies inside it, in
 * our format and version.
 * @throws {HeadstartError} `io` if it cannot be read; `format` if it is something else, cut short, or damaged.
 */
export async function openEmbeddings(path: string): Promise<OpenEmbeddings> {
  const handle = await openFile(path);
  try {
    const size = await checkEnds(path, handle);
    const reader = await guarded(path, async () => {
      const opened = await RecordBatchReader.from(handle);
      if (!(opened instanceof AsyncRecordBatchFileReader)) throw new TypeError("its footer cannot be read");
      return (await opened.open({ autoDestroy: false })) as AsyncRecordBatchFileReader;
    });
    const batches = await checkBlocks(path, reader, handle, size);
    const meta = metaOfSchema(path, reader.schema);
    return { reader, meta, batches, size, close: () => handle.close() };
  } catch (thrown) {
    await handle.close();
    throw thrown;
  }
}

/** Runs `read`, whose failures mean that the file is damaged. */
export async function guarded<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof HeadstartError) throw cause;
    if (systemCode(cause) !== null) throw ioError("read", path, cause);
    throw damaged(path, `is damaged: ${messageOf(cause)}`, "Write it again with: headstart embed", cause);
  }
}

/** A `format` error about an embeddings file. @param problem - what is wrong, to follow the file's name. */
export function damaged(path: string, problem: string, hint: string, cause?: unknown): HeadstartError {
  return new HeadstartError("format", `${path} ${problem}`, { facts: { path }, hint, cause });
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    const handle = await open(path, "r");
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
  } catch (cause) {
    const missing = systemCode(cause) === "ENOENT";
    throw new HeadstartError(
      "io",
      missing ? `${path} does not exist` : `Cannot read ${path}: ${messageOf(cause)}`,
      {
        facts: { path },
        hint: "Embeddings are written by: headstart embed <input> -o <file.arrow>",
        cause,
      },
    );
  }
  throw damaged(path, "is no file", "Give the .arrow file that headstart embed wrote.");
}

/** Checks the magic at both ends and the footer's length; Arrow's reader takes much else for a stream. */
async function checkEnds(path: string, handle: FileHandle): Promise<number> {
  const { size } = await handle.stat();
  const ends = Buffer.alloc(16);
  await handle.read(ends, 0, 8, 0);
  await handle.read(ends, 8, 8, Math.max(0, size - 8));
  const hint = "Give the .arrow file that headstart embed wrote.";
  if (size === 0) throw damaged(path, "is empty", hint);
  if (ends.readInt32LE(0) === -1) {
    throw damaged(
      path,
      "is an Arrow stream, not an Arrow file",
      "A .part file becomes a file when its run is done; a stream is read where its name ends in .arrows.",
    );
  }
  if (ends.toString("latin1", 0, MAGIC.length) !== MAGIC) throw damaged(path, "is not an Arrow file", hint);
  const whole = ends.toString("latin1", 10, 16) === MAGIC && size >= SMALLEST;
  if (!whole)
    throw damaged(path, "is cut short: an Arrow file ends in a footer, this one does not", COPY_AGAIN);
  const tail = Buffer.alloc(4);
  await handle.read(tail, 0, 4, size - MAGIC.length - 4);
  const footer = tail.readInt32LE(0);
  if (footer <= 0 || footer > size - SMALLEST)
    throw damaged(path, "is damaged: its footer has no sensible size", COPY_AGAIN);
  return size;
}

const COPY_AGAIN = "Copy it again from where it is whole, or write it again with: headstart embed";

/**
 * Checks that every batch that the footer lists lies inside the file and begins with a message of its size:
 * Arrow's reader passes over one that does not, and labels would quietly become null.
 */
async function checkBlocks(
  path: string,
  reader: AsyncRecordBatchFileReader,
  handle: FileHandle,
  size: number,
): Promise<number> {
  const footer = footerOf(path, reader);
  for (const block of [...footer.recordBatches(), ...footer.dictionaryBatches()]) {
    const end = block.offset + block.metaDataLength + block.bodyLength;
    if (block.offset < 8 || end > size || block.metaDataLength <= 0) {
      throw damaged(path, "is damaged: its footer points outside the file", COPY_AGAIN);
    }
    const prefix = Buffer.alloc(8);
    await handle.read(prefix, 0, 8, block.offset);
    // Before Arrow 0.15 a message began with its length, without the mark of -1.
    const marked = prefix.readInt32LE(0) === -1;
    const length = marked ? prefix.readInt32LE(4) + 8 : prefix.readInt32LE(0) + 4;
    if (length !== block.metaDataLength) {
      throw damaged(path, `is damaged: no batch at byte ${block.offset}, where its footer says`, COPY_AGAIN);
    }
  }
  return footer.numRecordBatches;
}

/** The list of a file's batches, which Arrow's reader keeps to itself. */
export function footerOf(path: string, reader: AsyncRecordBatchFileReader): Footer {
  const { footer } = reader as unknown as { footer: Footer | null };
  if (footer === null) throw damaged(path, "is damaged: it has no footer", COPY_AGAIN);
  return footer;
}

/** Where the messages of a file lie. */
export interface Footer {
  readonly numRecordBatches: number;
  recordBatches(): Iterable<Block>;
  dictionaryBatches(): Iterable<Block>;
}

export interface Block {
  readonly offset: number;
  readonly metaDataLength: number;
  readonly bodyLength: number;
}

/**
 * What a schema says of its embeddings.
 * @throws {HeadstartError} `format` if it is not one of embeddings, or of another format version.
 */
export function metaOfSchema(path: string, schema: Schema): EmbeddingsMeta {
  const stated = statedMeta(path, schema.metadata);
  const problem = schemaProblem(schema, stated.backbone.dim);
  if (problem !== null) throw damaged(path, problem, "Write it again with: headstart embed");
  if (stated.shard !== undefined && !hasPositions(schema, stated.shard))
    throw damaged(path, `is a shard without the column '${stated.shard.position}' of int64`, REWRITE);
  return Object.freeze({ ...stated, vectors: vectorTypeOf(schema), kept: keptColumns(schema) });
}

/**
 * What the metadata of embeddings says; the rest is told by the columns.
 * @throws {HeadstartError} `format` if it is of no embeddings, or of another format version.
 */
export function statedMeta(
  path: string,
  metadata: ReadonlyMap<string, string>,
): Omit<EmbeddingsMeta, "vectors" | "kept"> {
  const format = metadata.get(METADATA.format);
  if (format === undefined) {
    throw damaged(
      path,
      `is an Arrow file, but not of embeddings: no '${METADATA.format}' in its metadata`,
      REWRITE,
    );
  }
  if (format !== FORMAT_VERSION) {
    throw damaged(
      path,
      `has format version ${format}; this program reads version ${FORMAT_VERSION}`,
      REWRITE,
    );
  }
  const text = (key: string): string => {
    const value = metadata.get(key);
    if (value === undefined) throw damaged(path, `has no '${key}' in its metadata`, REWRITE);
    return value;
  };
  const json = <T>(key: string): T => {
    try {
      return JSON.parse(text(key)) as T;
    } catch (cause) {
      if (cause instanceof HeadstartError) throw cause;
      throw damaged(path, `has metadata '${key}' that is no JSON`, REWRITE, cause);
    }
  };
  const ours = new Set<string>(Object.values(METADATA));
  const backbone = json<EmbeddingsMeta["backbone"]>(METADATA.backbone);
  if (!Number.isInteger(backbone?.dim))
    throw damaged(path, "has metadata without the backbone's dimension", REWRITE);
  const labels = metadata.get(METADATA.labels);
  if (labels !== undefined && labels !== "multi")
    throw damaged(path, `has labels of a kind that this program does not know: '${labels}'`, REWRITE);
  const shard = metadata.has(METADATA.shard) ? json<unknown>(METADATA.shard) : undefined;
  if (shard !== undefined && !isShardRecord(shard))
    throw damaged(path, `has metadata '${METADATA.shard}' that describes no shard`, REWRITE);
  return {
    format,
    backbone,
    ...(shard !== undefined && { shard }),
    ...(labels !== undefined && { labels }),
    fingerprint: text(METADATA.fingerprint),
    dataset: text(METADATA.dataset),
    created: text(METADATA.created),
    extra: Object.fromEntries([...metadata].filter(([key]) => !ours.has(key))),
  };
}

const REWRITE = "Write it with: headstart embed <input> -o <file.arrow>";
