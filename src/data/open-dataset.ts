import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { HeadstartError, messageOf } from "../core/errors.js";
import { type ByteSource, fileSource, streamSource } from "./byte-source.js";
import { type ChosenColumns, chooseColumns } from "./choose-columns.js";
import { csvRecords, type Delimiter } from "./csv-records.js";
import { checkDatasetOptions, type DatasetOptions, type InputFormat } from "./dataset-options.js";
import { inputIdentity } from "./identity.js";
import { imageFileDataset, imageFolderDataset } from "./image-dataset.js";
import { formatOfFile } from "./input-format.js";
import { jsonlRecords } from "./jsonl-records.js";
import { openTable } from "./open-table.js";
import type { Dataset } from "./row.js";
import { recordLimit, type Table } from "./table.js";
import { tableRows } from "./table-rows.js";
import { textDataset } from "./text-dataset.js";
import { utf8Bytes } from "./utf8-bytes.js";

/**
 * Opens a data set: a CSV, TSV, JSONL or text file, a folder of images, an image, or `-` for stdin. Only a sample is
 * read here; rows stream from `rows()`, where bad ones come as rejected rows.
 * @throws {HeadstartError} `usage` for options that make no sense, `data` for input that cannot be read: missing,
 * empty, of an unknown format or encoding, without the columns asked for, or with several that could be meant.
 */
export async function openDataset(input: string, options: DatasetOptions = {}): Promise<Dataset> {
  checkDatasetOptions(options);
  if (input === "-") {
    const format = options.format ?? "text";
    if (format === "images") {
      throw new HeadstartError("usage", "Images cannot be read from stdin", {
        hint: "Name a file or a folder.",
      });
    }
    return openText(input, streamSource(options.stdin ?? process.stdin, "stdin"), format, ".", options);
  }
  const kind = await kindOf(input);
  const format = options.format ?? (kind === "folder" ? "images" : formatOfFile(input));
  if (kind === "folder" && format !== "images") {
    throw new HeadstartError("data", `${input} is a folder, not a ${format} file`, {
      facts: { input, format },
      hint: `Name a file in it, or leave out --format ${format} if it holds images.`,
    });
  }
  if (format === "images") {
    if (options.modality === "text") throw wrongKind(input, "text", "images");
    return kind === "folder" ? imageFolderDataset(input, options) : imageFileDataset(input, options);
  }
  const source = kind === "file" ? fileSource(input) : streamSource(createReadStream(input), basename(input));
  return openText(input, source, format, dirname(input), options);
}

async function openText(
  input: string,
  source: ByteSource,
  format: Exclude<InputFormat, "images">,
  folder: string,
  options: DatasetOptions,
): Promise<Dataset> {
  const maxTextLength = options.maxTextLength ?? 10_000_000;
  const identity = await identityOf(input, source, options);
  const { name } = source;
  if (format === "text") {
    if (options.modality === "image") throw wrongKind(input, "images", "text");
    return textDataset(input, source, { ...options, maxTextLength }, identity);
  }
  const limit = recordLimit(maxTextLength);
  const open = (delimiter: Delimiter): Promise<Table> =>
    openTable(source, (bytes) => {
      const text = utf8Bytes(bytes, name, options.encoding);
      if (format === "jsonl") return jsonlRecords(text, name, limit);
      return csvRecords(text, { name, delimiter, recordLimit: limit });
    });
  let table = await open(format === "tsv" ? "\t" : ",");
  // Spreadsheets of half the world write CSV with semicolons; a stream cannot be read anew to try that.
  const other = format === "csv" && source.rereadable ? otherDelimiter(table) : null;
  if (other !== null) table = await open(other);
  const chosen = await checkedColumns(table, options, name, format).catch(async (error: unknown) => {
    await table.close();
    throw error;
  });
  return Object.freeze({
    name: input,
    modality: chosen.modality,
    columns: Object.freeze(chosen.columns),
    guesses: Object.freeze([
      ...(other === null ? [] : [`separator: ${JSON.stringify(other)} (the header has no comma)`]),
      ...chosen.guesses,
      ...(chosen.columns.id === null ? [`ids: "${name}:LINE" (no id column)`] : []),
    ]),
    count: null,
    shareRead: source.shareRead,
    identity,
    rows: () => tableRows(table, { name, chosen, maxTextLength, folder }),
  } satisfies Dataset);
}

async function checkedColumns(
  table: Table,
  options: DatasetOptions,
  name: string,
  format: InputFormat,
): Promise<ChosenColumns> {
  const { columns, sample } = table;
  const [first] = sample;
  if (first === undefined) {
    throw new HeadstartError("data", `${name} has no rows`, {
      facts: { file: name, columns },
      hint: columns.length === 0 ? "The file is empty." : `There is only a header: ${columns.join(", ")}`,
    });
  }
  if (columns.length === 0 && first.state === "rejected") {
    throw new HeadstartError("data", `${name} has no readable rows: ${first.reason}`, {
      facts: { file: name },
      hint: "JSONL holds one object a line; --format names another format.",
    });
  }
  const delimiter = format === "jsonl" ? null : otherDelimiter(table);
  if (delimiter !== null) {
    const tab = delimiter === "\t";
    throw new HeadstartError(
      "data",
      `${name} is separated by ${tab ? "tabs" : `'${delimiter}'`}, not as ${format}`,
      {
        facts: { file: name, header: columns[0] },
        hint: tab
          ? "Add --format tsv."
          : "Save it separated by commas; spreadsheets call it CSV UTF-8 (comma delimited), or CSV with field separator ','.",
      },
    );
  }
  return chooseColumns(table, options, name);
}

/** What separates the columns instead, where the header has come out as one column only; else null. */
function otherDelimiter({ columns }: Table): Delimiter | null {
  if (columns.length !== 1) return null;
  const others: readonly Delimiter[] = [";", "\t", "|"];
  return others.find((delimiter) => columns[0]!.includes(delimiter)) ?? null;
}

async function kindOf(input: string): Promise<"file" | "folder" | "pipe"> {
  try {
    const found = await stat(input);
    return found.isDirectory() ? "folder" : found.isFile() ? "file" : "pipe";
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") {
      throw new HeadstartError("data", `No such file or folder: ${input}`, {
        facts: { input },
        hint: /^https?:/.test(input)
          ? "Addresses are not fetched: download it first, or pipe it in as - with --format."
          : `Looked for in ${process.cwd()}; check the spelling.`,
        cause,
      });
    }
    throw new HeadstartError("io", `Cannot read ${input}: ${messageOf(cause)}`, { facts: { input }, cause });
  }
}

async function identityOf(
  input: string,
  source: ByteSource,
  options: DatasetOptions,
): Promise<string | null> {
  if (!source.rereadable) return null;
  const identity = inputIdentity(options);
  await identity.add(input);
  return identity.digest();
}

function wrongKind(input: string, wanted: string, found: string): HeadstartError {
  return new HeadstartError("data", `${input} holds ${found}, and the backbone embeds ${wanted}`, {
    facts: { input },
    hint: "Choose a backbone for it with --backbone.",
  });
}
