import { posix } from "node:path";
import { HeadstartError } from "../core/errors.js";
import { arrowStreamSource } from "./arrow-source.js";
import { addressSource, type ByteSource } from "./byte-source.js";
import type { DatasetOptions } from "./dataset-options.js";
import { downloadedFile } from "./downloaded-file.js";
import { addressFetcher, type Fetcher } from "./fetch-address.js";
import { fileTable, type TableFormat } from "./file-table.js";
import { flatSource } from "./flat-source.js";
import { formatOfFile, isFlat } from "./input-format.js";
import type { InputFormat } from "./input-formats.js";
import { mediaFromAddress } from "./media-address.js";
import type { Opening } from "./open-dataset.js";
import { peekedSource } from "./peeked-source.js";
import { refuseStandIn } from "./refuse-stand-in.js";
import type { Dataset } from "./row.js";
import { selectDataset } from "./select-dataset.js";
import { sniffJson } from "./sniff-json.js";
import { recordLimit, type TableSource } from "./table.js";
import { tableDataset } from "./table-dataset.js";
import { textDataset } from "./text-dataset.js";
import { unpackedSource } from "./unpacked.js";

/**
 * Opens what is read once from its first byte to its last: stdin, a named pipe, or what an address answers.
 * @param piped - null for an address.
 * @param folder - what paths in it are relative to.
 */
export async function openStream(
  piped: ByteSource | null,
  folder: string,
  address: string | null,
  opening: Opening,
): Promise<Dataset> {
  const { input, options } = opening;
  const { maxTextLength } = options;
  const fetcher = options.fetch ? addressFetcher(address, options.fetchHost) : null;
  const format = options.format ?? (address === null ? undefined : formatOfAddress(address));
  if (format === "images" || format === "audio") {
    if (address !== null && fetcher !== null) {
      return selectDataset(
        mediaFromAddress(address, format === "images" ? "image" : "audio", fetcher),
        opening,
      );
    }
    throw new HeadstartError(
      "usage",
      `${format === "images" ? "Images" : "Sounds"} cannot be read from stdin`,
      {
        hint: "Name a file or a folder.",
      },
    );
  }
  const named = piped ?? addressSource(nameOfAddress(address!), () => (fetcher as Fetcher).stream(address!));
  const { start, source: unread } = await peekedSource(unpackedSource(named), 16);
  const known = formatOfBytes(start) ?? format;
  const {
    format: json,
    guess,
    source,
  } = known === undefined ? await sniffJson(unread) : { format: null, guess: null, source: unread };
  const found = known ?? json ?? "text";
  if (address === null) refuseRandomAccess(found, named.name);
  if (found === "text") {
    if (options.modality !== undefined && options.modality !== "text") {
      throw new HeadstartError("data", `${input} holds text, and the backbone embeds ${options.modality}`, {
        facts: { input },
        hint: "Choose a backbone for it with --backbone, or say what it is with --format.",
      });
    }
    return selectDataset(await textDataset(input, source, options, null), opening);
  }
  const limit = recordLimit(maxTextLength);
  const table =
    found === "arrow"
      ? arrowStreamSource(source)
      : isFlat(found)
        ? await flatSource(source, { format: found, encoding: options.encoding, recordLimit: limit })
        : await downloadedTable(source, found as TableFormat, options, limit);
  const told = guess === null ? table : { ...table, guesses: [guess, ...table.guesses] };
  return tableDataset(told, { ...opening, maxTextLength, folder, fetcher, identity: null });
}

async function downloadedTable(
  source: ByteSource,
  format: TableFormat,
  options: DatasetOptions,
  limit: number,
): Promise<TableSource> {
  const path = await downloadedFile(source);
  await refuseStandIn(path, format, source.name);
  return fileTable(path, source.name, format, options, limit);
}

/** What the first bytes say beyond doubt; null where they may be any text. */
function formatOfBytes(start: Buffer): InputFormat | null {
  const text = start.toString("latin1");
  if (text.startsWith("PAR1")) return "parquet";
  if (text.startsWith("ARROW1\0\0") || text.startsWith("\xff\xff\xff\xff")) return "arrow";
  if (text.startsWith("SQLite format 3\0")) return "sqlite";
  return text.startsWith("DUCK", 8) ? "duckdb" : null;
}

function refuseRandomAccess(format: InputFormat, name: string): void {
  if (isFlat(format) || format === "arrow") return;
  throw new HeadstartError(
    "data",
    `${name} is ${format}, which is not read from the first byte to the last`,
    {
      facts: { file: name, format },
      hint: "Save it as a file, and name that.",
    },
  );
}

function formatOfAddress(address: string): InputFormat | undefined {
  const { pathname } = new URL(address);
  try {
    return formatOfFile(pathname);
  } catch {
    return undefined;
  }
}

const nameOfAddress = (address: string): string =>
  posix.basename(new URL(address).pathname) || new URL(address).hostname;
