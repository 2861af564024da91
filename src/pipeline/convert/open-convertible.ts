import { basename, extname } from "node:path";
import { HeadstartError } from "../../core/errors.js";
import { fileSource, streamSource } from "../../data/byte-source.js";
import { downloadedFile } from "../../data/downloaded-file.js";
import { openParquet, type ParquetFile } from "../../data/parquet-file.js";
import { peekedSource } from "../../data/peeked-source.js";
import {
  arrowFileSource,
  arrowStreamFile,
  arrowStreamSource,
} from "../../embeddings/interchange/arrow-sources.js";
import { arrowStreamVectorTable, arrowVectorTable } from "../../embeddings/interchange/arrow-vector-table.js";
import type { EmbeddingsSource } from "../../embeddings/interchange/embeddings-source.js";
import { isForeignStream, schemaBytes } from "../../embeddings/interchange/is-foreign-stream.js";
import { isNpy } from "../../embeddings/interchange/npy-header.js";
import { npyVectorTable } from "../../embeddings/interchange/npy-vector-table.js";
import { parquetEmbeddings } from "../../embeddings/interchange/parquet-embeddings.js";
import { parquetVectorTable } from "../../embeddings/interchange/parquet-vector-table.js";
import type { VectorTable } from "../../embeddings/interchange/vector-table.js";
import { firstBytes } from "../first-bytes.js";
import type { ConvertOptions } from "../types.js";
import { otherMeta, readNpyMeta, sidecarOf, withoutSidecar } from "./npy-sidecar.js";
import { refuseImportOptions } from "./refuse-import-options.js";

/**
 * Opens what can be converted, by its first bytes: embeddings of ours in any of the formats, or a table of vectors that
 * others wrote.
 * @throws {HeadstartError} `io`; `data` or `format` if it is something else or damaged; `usage` for options that do not
 * suit it.
 */
export async function openConvertible(options: ConvertOptions): Promise<EmbeddingsSource> {
  const { input } = options;
  if (input !== "-") return openFile(input, basename(input), options);
  const piped = streamSource(options.stdin ?? process.stdin, "stdin");
  const { start, source: begun } = await peekedSource(piped, 8);
  let source = begun;
  if (kindOf(start) === "stream") {
    const schema = await peekedSource(begun, schemaBytes(start));
    source = schema.source;
    if (!isForeignStream("stdin", schema.start)) {
      const own = await arrowStreamSource(source);
      refuseImportOptions(options, "stdin");
      return own;
    }
  }
  if (kindOf(start) === null) throw nothingKnown("stdin", start, "");
  const path = await downloadedFile(source);
  return openFile(path, "stdin", options).catch((thrown: unknown) => {
    if (!(thrown instanceof HeadstartError)) throw thrown;
    throw new HeadstartError(thrown.code, thrown.message.replaceAll(path, "stdin"), {
      facts: thrown.facts,
      ...(thrown.hint !== undefined && { hint: thrown.hint.replaceAll(path, "stdin") }),
      cause: thrown,
    });
  });
}

async function openFile(path: string, name: string, options: ConvertOptions): Promise<EmbeddingsSource> {
  const start = await firstBytes(path, 8, TO_GIVE);
  switch (kindOf(start)) {
    case "stream":
      return openStream(path, name, options);
    case "arrow":
      return openArrow(path, name, options);
    case "parquet": {
      const file = await openParquet(path, name);
      const own = ownParquet(file, name, options);
      return own ?? imported(parquetVectorTable(file, name), options);
    }
    case "npy": {
      const ids = options.ids ?? (await sidecarOf(path));
      const isNamed = options.backbone !== undefined || options.origin !== undefined;
      const beside = isNamed && options.ids !== undefined ? null : await readNpyMeta(path);
      if (beside !== null && ids === null) throw withoutSidecar(path);
      const table = await npyVectorTable(path, ids, beside?.kept);
      const kept = (beside?.kept ?? []).filter(
        ({ name }) => options.ids === undefined || table.cells.includes(name),
      );
      if (beside !== null && beside.rows !== table.rows) {
        await table.close();
        throw otherMeta(path, beside.rows, table.rows!);
      }
      const metadata = new Map(Object.entries(beside?.metadata ?? {}));
      const notes = ids !== null && options.ids === undefined ? [`ids and labels: ${ids} (beside it)`] : [];
      const keep = kept.map(({ name }) => name);
      return imported(
        { ...table, metadata, notes: [...table.notes, ...notes] },
        { ...options, ...(keep.length > 0 && options.keep === undefined && { keep }) },
      );
    }
    case null:
      throw nothingKnown(path, start, extname(path).toLowerCase());
  }
}

/** A table that others wrote: what takes it, and finds its backbone, is loaded for that alone. */
async function imported(table: VectorTable, options: ConvertOptions): Promise<EmbeddingsSource> {
  const { importTable } = await import("./import-table.js");
  return importTable(table, options);
}

/** Null where others wrote it; where it is refused, the file is closed. */
function ownParquet(file: ParquetFile, name: string, options: ConvertOptions): EmbeddingsSource | null {
  try {
    const own = parquetEmbeddings(file, name);
    if (own !== null) refuseImportOptions(options, name);
    return own;
  } catch (thrown) {
    file.close();
    throw thrown;
  }
}

async function openArrow(path: string, name: string, options: ConvertOptions): Promise<EmbeddingsSource> {
  const table = await arrowVectorTable(path, name);
  if (table.isOurs) {
    await table.close();
    refuseImportOptions(options, name);
    return arrowFileSource(path);
  }
  return imported(table, options);
}

async function openStream(path: string, name: string, options: ConvertOptions): Promise<EmbeddingsSource> {
  const table = await arrowStreamVectorTable(fileSource(path, name));
  if (!table.isOurs) return imported(table, options);
  refuseImportOptions(options, name);
  return arrowStreamFile(fileSource(path, name));
}

function kindOf(start: Uint8Array): "arrow" | "stream" | "parquet" | "npy" | null {
  const text = Buffer.from(start).toString("latin1");
  if (text.startsWith("ARROW1")) return "arrow";
  if (text.startsWith("\xff\xff\xff\xff")) return "stream";
  if (text.startsWith("PAR1") || text.startsWith("PARE")) return "parquet";
  return isNpy(start) ? "npy" : null;
}

const TO_GIVE = "Give embeddings or vectors: .arrow, .arrows, .parquet, .npy, or - for stdin.";
const READABLE = "Vectors are read from .arrow, .arrows, .parquet and .npy.";

function nothingKnown(path: string, start: Uint8Array, extension: string): HeadstartError {
  const text = Buffer.from(start).toString("latin1");
  const found = (problem: string, hint: string): HeadstartError =>
    new HeadstartError("data", `${path} ${problem}`, { facts: { path }, hint });
  if (start.length === 0) return found("is empty", READABLE);
  if (text.startsWith("PK")) {
    return found(
      "is a zip archive, such as .npz of NumPy and .pt of PyTorch are",
      "Save the array alone: numpy.save('x.npy', x).",
    );
  }
  if (text.startsWith("\x80")) {
    return found("is a Python pickle, which only Python can read", "Save the array: numpy.save('x.npy', x).");
  }
  if (text.startsWith("\b")) {
    return found("is a head or another ONNX model, not embeddings", "Look at it with: headstart inspect");
  }
  if ([".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".txt"].includes(extension)) {
    return found(
      "is text, not a file of vectors",
      `If it holds texts, embed them: headstart embed ${path} -o out.arrow. If it holds vectors, write them with numpy.save or to_parquet.`,
    );
  }
  return found("is no file of vectors that is known", READABLE);
}
