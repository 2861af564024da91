import { HeadstartError } from "../core/errors.js";
import { checkHost } from "./fetch-address.js";
import { INPUT_FORMATS, type InputFormat } from "./input-formats.js";
import { CONTRACT_COLUMNS, isReservedColumn, OWN_PREFIX } from "./kept-columns.js";
import { checkShard, type Shard } from "./shard.js";
import type { TextEncoding } from "./utf8-bytes.js";

/** How to read a data set. A column that is not given is guessed; one given as `""` is not used at all. */
export interface DatasetOptions {
  /** Default: by the extension, or by being a folder; for stdin by its beginning: JSON, else lines of text. */
  readonly format?: InputFormat;
  /** Column with the text. */
  readonly text?: string;
  /** Column with images: paths relative to the file's folder (for stdin, to the working folder), or bytes. */
  readonly image?: string;
  /** Column with sounds, likewise. */
  readonly audio?: string;
  readonly label?: string;
  /** `optional`: where several columns could be the label, none is taken. Default `wanted`: that is an error. */
  readonly labels?: "wanted" | "optional";
  /** Several labels a row: `true` for lists and texts such as `["a","b"]`, else what separates them: `|`. Tables only. */
  readonly multiLabel?: boolean | string;
  readonly id?: string;
  readonly split?: string;
  /** Further columns whose values go along with the rows. */
  readonly keep?: readonly string[];
  /** Of text files; default `utf-8`. `latin1` is read as windows-1252. */
  readonly encoding?: TextEncoding;
  /** What the backbone embeds: decides what is guessed, and refuses the other kind. */
  readonly modality?: "text" | "image" | "audio";
  /** Characters (UTF-16 units) that a row's text may have; default 10,000,000. */
  readonly maxTextLength?: number;
  /** Table of a database; default: its only one. */
  readonly table?: string;
  /** Conditions that a row must meet, all of them: `stars >= 4`. */
  readonly where?: readonly string[];
  /** At most so many rows, the first that meet `where`. */
  readonly limit?: number;
  /** A share of the rows (below 1), chosen by the hash of their ids. */
  readonly sample?: number;
  /** Only the rows of this shard, by the hash of their ids. */
  readonly shard?: Shard;
  /** Fetch what is named by http and https addresses; default: that is refused. */
  readonly fetch?: boolean;
  /** With `fetch`: hosts that rows may lead to though they are not on the open internet, such as `10.0.0.5:8080`. */
  readonly fetchHost?: readonly string[];
  /** What the input `-` reads; default the process's stdin. */
  readonly stdin?: NodeJS.ReadableStream;
}

const ENCODINGS: readonly TextEncoding[] = ["utf-8", "latin1"];

/** @throws {HeadstartError} `usage` for values outside the documented ones and for options that exclude each other. */
export function checkDatasetOptions(options: DatasetOptions): void {
  const { format, encoding, maxTextLength, modality } = options;
  if (format !== undefined && !INPUT_FORMATS.includes(format)) {
    throw usage(`Unknown format '${format}'`, `Formats: ${INPUT_FORMATS.join(", ")}`);
  }
  if (encoding !== undefined && !ENCODINGS.includes(encoding)) {
    throw usage(`Unknown encoding '${encoding}'`, `Encodings: ${ENCODINGS.join(", ")}`);
  }
  if (maxTextLength !== undefined && !(Number.isInteger(maxTextLength) && maxTextLength > 0)) {
    throw usage(
      `maxTextLength must be a positive integer, got ${maxTextLength}`,
      "Leave it out for 10,000,000.",
    );
  }
  const contents = (["text", "image", "audio"] as const).filter((kind) => options[kind]);
  const [content] = contents;
  if (contents.length > 1) {
    const flags = contents.map((kind) => `--${kind}`).join(", ");
    throw usage(
      `Columns with ${contents.join(" and ")} are given`,
      `A row has one content: give one of ${flags}.`,
    );
  }
  if (content !== undefined && modality !== undefined && content !== modality) {
    throw usage(
      `The ${content} column '${options[content]}' does not suit a backbone of ${modality === "audio" ? "sounds" : `${modality}s`}`,
      `Name the column with --${modality}, or choose another backbone.`,
    );
  }
  checkKeep(options.keep ?? []);
  if (options.shard !== undefined) checkShard(options.shard);
  const { limit, sample, table, fetch, fetchHost = [], multiLabel } = options;
  if (typeof multiLabel === "string" && (multiLabel.length > 3 || /^[\s"[\]]*$/.test(multiLabel))) {
    throw usage(
      `Labels cannot be separated by '${multiLabel}'`,
      "A separator has 1 to 3 characters, such as '|'; give the input before --multi-label.",
    );
  }
  for (const host of fetchHost) checkHost(host);
  if (fetchHost.length > 0 && fetch !== true) {
    throw usage(`The host ${fetchHost[0]} is named, and nothing is fetched`, "Add --fetch.");
  }
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit > 0)) {
    throw usage(`limit must be a positive integer, got ${limit}`, "Leave it out for all rows.");
  }
  if (sample !== undefined && !(sample > 0 && sample < 1)) {
    throw usage(
      `sample must be a share above 0 and below 1, got ${sample}`,
      "Leave it out for all rows; 0.1 takes a tenth.",
    );
  }
  if (table !== undefined && format !== undefined && format !== "sqlite" && format !== "duckdb") {
    throw usage(
      `A table is named, and the format ${format} has none`,
      "Tables are those of sqlite and duckdb.",
    );
  }
}

/** Columns to keep are named once each, and not as those that embeddings have in any case. */
function checkKeep(keep: readonly string[]): void {
  const taken = keep.find(isReservedColumn);
  if (taken !== undefined) {
    throw usage(
      `--keep ${taken}: embeddings have a column '${taken}' of their own`,
      `Rename the column in the input. Taken: ${CONTRACT_COLUMNS.join(", ")}, and what begins with ${OWN_PREFIX}`,
    );
  }
  const twice = keep.find((column, i) => keep.indexOf(column) !== i);
  if (twice !== undefined) throw usage(`--keep ${twice} is given twice`, "Once is enough.");
}

/** @throws {HeadstartError} `usage` if a column is named for an input that has none. */
export function refuseColumns(options: DatasetOptions, name: string, kind: string): void {
  if (options.multiLabel) {
    throw usage(
      `--multi-label: ${name} is ${kind} and has no columns`,
      "Several labels a row need a table with a column of them.",
    );
  }
  const { text, image, audio, label, id, split, table } = options;
  const named = { text, image, audio, label, id, split, keep: options.keep?.[0], table };
  for (const [flag, column] of Object.entries(named)) {
    if (!column) continue;
    throw usage(
      `--${flag} ${column}: ${name} is ${kind} and has no columns`,
      `Leave out --${flag}; or, if it is a table, say so with --format.`,
    );
  }
}

/** A `usage` error. */
function usage(message: string, hint: string): HeadstartError {
  return new HeadstartError("usage", message, { hint });
}

/** What decides which rows are read, and as what, wherever the input lies. */
export function readingOptions(options: DatasetOptions): Readonly<Record<string, unknown>> {
  const { where = [], limit = null, sample = null, encoding = null, multiLabel = null } = options;
  return { where, limit, sample, encoding, multiLabel, maxTextLength: options.maxTextLength ?? null };
}
