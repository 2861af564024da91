import { createReadStream, statSync } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { HeadstartError, messageOf } from "../core/errors.js";
import { fileSource, streamSource } from "./byte-source.js";
import { chainedSource } from "./chained-source.js";
import { parseCondition } from "./condition.js";
import { checkDatasetOptions, type DatasetOptions } from "./dataset-options.js";
import { addressFetcher, isAddress } from "./fetch-address.js";
import { fileTable } from "./file-table.js";
import { inputIdentity } from "./identity.js";
import { formatOfFile } from "./input-format.js";
import type { InputFormat } from "./input-formats.js";
import { filesOfPattern, isPattern } from "./input-pattern.js";
import { mediaFileDataset, mediaFilesDataset, mediaFolderDataset } from "./media-dataset.js";
import { MEDIA_NAMES, type MediaKind } from "./media-kind.js";
import { openStream } from "./open-stream.js";
import { refuseStandIn } from "./refuse-stand-in.js";
import type { Dataset } from "./row.js";
import { selectDataset } from "./select-dataset.js";
import { recordLimit } from "./table.js";
import { tableDataset } from "./table-dataset.js";
import { textDataset } from "./text-dataset.js";
import { unpackedSource } from "./unpacked.js";

/** What the parts of opening share. */
export interface Opening {
  readonly input: string;
  readonly options: DatasetOptions & { readonly maxTextLength: number };
  readonly where: readonly ReturnType<typeof parseCondition>[];
}

/**
 * Opens a data set: a table (CSV, TSV, JSON, JSONL, Parquet, Arrow, SQLite, DuckDB), lines of text, an image or sound, a
 * folder of them, a pattern such as `data/*.csv`, an http address (with `fetch`), or `-` for stdin. Text formats may be
 * packed with gzip or Zstandard. Only a sample is read here; rows stream from `rows()`, where bad ones come as rejected
 * rows.
 * @throws {HeadstartError} `usage` for options that make no sense, `data` for input that cannot be read: missing,
 * empty, of an unknown format or encoding, without the columns asked for, or with several that could be meant; `io`.
 */
export async function openDataset(input: string, options: DatasetOptions = {}): Promise<Dataset> {
  checkDatasetOptions(options);
  const where = (options.where ?? []).map(parseCondition);
  const opening: Opening = {
    input,
    options: { ...options, maxTextLength: options.maxTextLength ?? 10_000_000 },
    where,
  };
  if (input === "-") {
    return openStream(streamSource(options.stdin ?? process.stdin, "stdin"), ".", null, opening);
  }
  if (isAddress(input)) return openStream(null, ".", addressed(opening), opening);
  if (isPattern(input)) return openPattern(opening);
  const kind = await kindOf(input);
  if (kind === "folder") return openFolder(opening);
  const format = options.format ?? (kind === "pipe" ? pipeFormat(input) : await formatOf(input));
  if (kind === "pipe") {
    const source = streamSource(createReadStream(input), basename(input));
    return openStream(source, dirname(input), null, {
      ...opening,
      options: { ...opening.options, ...(format && { format }) },
    });
  }
  return openFile(format as InputFormat, opening);
}

function addressed({ input, options }: Opening): string {
  if (options.fetch === true) return input;
  throw new HeadstartError(
    "usage",
    `${input} is an address, and addresses are fetched only where that is asked for`,
    {
      facts: { input },
      hint: "Add --fetch; or download it first, or pipe it in as -.",
    },
  );
}

async function openFolder(opening: Opening): Promise<Dataset> {
  const { input, options } = opening;
  const { format } = options;
  if (format !== undefined && format !== "images" && format !== "audio") {
    throw new HeadstartError("data", `${input} is a folder, not a ${format} file`, {
      facts: { input, format },
      hint: `Name a file in it, or several by a pattern: '${join(input, "*")}'`,
    });
  }
  const wanted = format === "images" ? "image" : format === "audio" ? "audio" : null;
  if (options.modality === "text") throw wrongKind(input, "text", "no text");
  const dataset = await mediaFolderDataset(input, wanted ?? options.modality ?? null, options);
  return selectDataset(ofModality(dataset, options), opening);
}

async function openFile(format: InputFormat, opening: Opening): Promise<Dataset> {
  const { input, options } = opening;
  const { maxTextLength } = options;
  if (format === "images" || format === "audio") {
    const kind: MediaKind = format === "images" ? "image" : "audio";
    refuseOther(input, kind, options);
    return selectDataset(await mediaFileDataset(input, kind, options), opening);
  }
  const identity = inputIdentity(options);
  await identity.add(input);
  await refuseStandIn(input, format);
  if (format === "text") {
    refuseOther(input, "text", options);
    const source = unpackedSource(fileSource(input));
    return selectDataset(await textDataset(input, source, options, identity.digest()), opening);
  }
  const source = await fileTable(input, basename(input), format, options, recordLimit(maxTextLength));
  const fetcher = options.fetch ? addressFetcher(null, options.fetchHost) : null;
  const folder = dirname(input);
  return tableDataset(source, { ...opening, maxTextLength, folder, fetcher, identity: identity.digest() });
}

async function openPattern(opening: Opening): Promise<Dataset> {
  const { input, options } = opening;
  const { maxTextLength } = options;
  const { folder, names } = await filesOfPattern(input);
  const formats = new Set<InputFormat>();
  for (const name of names) formats.add(options.format ?? (await formatOf(join(folder, name))));
  const [format] = formats;
  if (formats.size > 1) {
    throw new HeadstartError("data", `${input} finds files of several formats: ${[...formats].join(", ")}`, {
      facts: { input, formats: [...formats] },
      hint: "Use a pattern that finds files of one format, such as '*.csv'.",
    });
  }
  if (format === "images" || format === "audio") {
    const kind: MediaKind = format === "images" ? "image" : "audio";
    refuseOther(input, kind, options);
    return selectDataset(await mediaFilesDataset(input, folder, names, kind, options), opening);
  }
  if (format === "text") {
    throw new HeadstartError("data", `${input} finds plain text, which is read a file at a time`, {
      facts: { input },
      hint: "Join the files first: cat *.txt | headstart embed -",
    });
  }
  const identity = inputIdentity(options);
  const sources = [];
  for (const name of names) {
    const path = join(folder, name);
    await identity.add(path);
    await refuseStandIn(path, format!, name);
    sources.push(await fileTable(path, name, format!, options, recordLimit(maxTextLength)));
  }
  const sizes = names.map((name) => statSync(join(folder, name)).size);
  const source = sources.length === 1 ? sources[0]! : await chainedSource(input, sources, sizes);
  const fetcher = options.fetch ? addressFetcher(null, options.fetchHost) : null;
  return tableDataset(source, { ...opening, maxTextLength, folder, fetcher, identity: identity.digest() });
}

/** By the extension; `.db` is a name for two. */
async function formatOf(path: string): Promise<InputFormat> {
  const format = formatOfFile(path);
  if (format !== "sqlite" || !path.toLowerCase().endsWith(".db")) return format;
  const stream = createReadStream(path, { start: 8, end: 11 });
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece as Uint8Array);
  return Buffer.concat(pieces).toString("latin1") === "DUCK" ? "duckdb" : "sqlite";
}

/** A pipe's name may tell its format; where not, its bytes do. */
function pipeFormat(input: string): InputFormat | undefined {
  try {
    return formatOfFile(input);
  } catch {
    return undefined;
  }
}

async function kindOf(input: string): Promise<"file" | "folder" | "pipe"> {
  try {
    const found = await stat(input);
    return found.isDirectory() ? "folder" : found.isFile() ? "file" : "pipe";
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") {
      throw new HeadstartError("data", `No such file or folder: ${input}`, {
        facts: { input },
        hint: `Looked for in ${process.cwd()}; check the spelling.`,
        cause,
      });
    }
    throw new HeadstartError("io", `Cannot read ${input}: ${messageOf(cause)}`, { facts: { input }, cause });
  }
}

function ofModality(dataset: Dataset, { modality }: DatasetOptions): Dataset {
  if (modality === undefined || dataset.modality === modality) return dataset;
  throw wrongKind(dataset.name, plural(modality), plural(dataset.modality));
}

function refuseOther(input: string, kind: "text" | MediaKind, { modality }: DatasetOptions): void {
  if (modality !== undefined && modality !== kind) throw wrongKind(input, plural(modality), plural(kind));
}

const plural = (kind: "text" | MediaKind): string => (kind === "text" ? "text" : MEDIA_NAMES[kind].plural);

function wrongKind(input: string, wanted: string, found: string): HeadstartError {
  return new HeadstartError("data", `${input} holds ${found}, and the backbone embeds ${wanted}`, {
    facts: { input },
    hint: "Choose a backbone for it with --backbone.",
  });
}
