import { extname } from "node:path";
import { fileSource, streamSource } from "../../data/byte-source.js";
import { downloadedFile } from "../../data/downloaded-file.js";
import { peekedSource } from "../../data/peeked-source.js";
import { arrowStreamSource } from "../interchange/arrow-sources.js";
import { batchColumns } from "./batch-columns.js";
import type { EmbeddedRows } from "./embedded-rows.js";
import { fileBatches, type ReadOptions, wantedKept } from "./file-batches.js";
import { damaged, guarded, type OpenEmbeddings, openEmbeddings } from "./open-embeddings.js";
import type { EmbeddingsMeta } from "./schema.js";

/** Embeddings, open to be read a batch at a time. */
export interface OpenBatches {
  readonly meta: EmbeddingsMeta;
  /** Numbers that all vectors have together at most; null where the size is not known, as of a stream. */
  readonly capacity: number | null;
  /** Whether there is one batch at most. */
  readonly single: boolean;
  rows(): AsyncGenerator<EmbeddedRows>;
  close(): Promise<void>;
}

/**
 * Opens embeddings: an Arrow file, an Arrow stream in a file named `.arrows`, or, as `-`, either from stdin.
 * @throws {HeadstartError} `io` or `format`, as `openEmbeddings`.
 */
export async function openBatches(path: string, options: ReadOptions = {}): Promise<OpenBatches> {
  if (path !== "-") {
    if (extname(path).toLowerCase() !== ".arrows") return ofFile(path, await openEmbeddings(path), options);
    return ofStream(await arrowStreamSource(fileSource(path, path)), options);
  }
  const piped = streamSource(options.stdin ?? process.stdin, "stdin");
  const { start, source } = await peekedSource(piped, 8);
  if (start.length >= 4 && start.readInt32LE(0) === -1)
    return ofStream(await arrowStreamSource(source), options);
  if (!start.toString("latin1").startsWith("ARROW1")) {
    const problem = start.length === 0 ? "is empty" : "holds no embeddings";
    throw damaged("stdin", problem, "Pipe an Arrow stream in, such as: headstart embed <input> -o -");
  }
  // A file is read from its end: it is kept until this process ends.
  const kept = await downloadedFile(source);
  return ofFile(kept, await openEmbeddings(kept), options);
}

function ofFile(path: string, file: OpenEmbeddings, options: ReadOptions): OpenBatches {
  const { meta, batches, size } = file;
  return {
    meta,
    capacity: Math.ceil(size / 2),
    single: batches <= 1,
    rows: () => fileBatches(path, file, options),
    close: () => file.close(),
  };
}

function ofStream(source: Awaited<ReturnType<typeof arrowStreamSource>>, options: ReadOptions): OpenBatches {
  return {
    meta: source.meta,
    capacity: null,
    single: false,
    async *rows() {
      for await (const batch of source.batches()) {
        yield await guarded(source.name, async () => batchColumns(batch, wantedKept(options)));
      }
    },
    close: () => source.close(),
  };
}
