import { extname } from "node:path";
import { HeadstartError } from "../core/errors.js";
import type { InputFormat } from "./input-formats.js";
import type { MediaKind } from "./media-kind.js";

const BY_EXTENSION: ReadonlyMap<string, InputFormat> = new Map([
  [".csv", "csv"],
  [".tsv", "tsv"],
  [".tab", "tsv"],
  [".json", "json"],
  [".jsonl", "jsonl"],
  [".ndjson", "jsonl"],
  [".txt", "text"],
  [".text", "text"],
  [".parquet", "parquet"],
  [".pq", "parquet"],
  [".arrow", "arrow"],
  [".arrows", "arrow"],
  [".feather", "arrow"],
  [".ipc", "arrow"],
  [".sqlite", "sqlite"],
  [".sqlite3", "sqlite"],
  [".db", "sqlite"],
  [".db3", "sqlite"],
  [".duckdb", "duckdb"],
  [".ddb", "duckdb"],
]);

const SHEET = "Save the sheet as CSV (UTF-8) in the program that made it.";
const UNPACK = "Unpack it into a folder, and name the folder or the file in it.";
/** What to do with files that are often tried. */
const REMEDIES: ReadonlyMap<string, string> = new Map([
  [".xlsx", SHEET],
  [".xls", SHEET],
  [".ods", SHEET],
  [".zip", UNPACK],
  [".tar", UNPACK],
  [".tgz", UNPACK],
  [".7z", UNPACK],
  [
    ".bz2",
    "Unpack it into a pipe: bunzip2 -c FILE | headstart embed - --format csv (or tsv, json, jsonl, text).",
  ],
  [".xz", "Unpack it into a pipe: xz -dc FILE | headstart embed - --format csv (or tsv, json, jsonl, text)."],
  [".pkl", "Write it as Parquet with what made it: df.to_parquet('rows.parquet')."],
  [".npy", "It holds numbers without their texts; a table with the raw texts or pictures is read."],
]);

const IMAGES = new Set([
  ...[
    ".jpg",
    ".jpeg",
    ".jfif",
    ".png",
    ".webp",
    ".gif",
    ".tif",
    ".tiff",
    ".avif",
    ".heic",
    ".heif",
    ".bmp",
    ".svg",
  ],
]);
const SOUNDS = new Set([
  ...[".wav", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".aif", ".aiff", ".wma", ".webm"],
]);
const PACKED = new Set([".gz", ".zst", ".zstd"]);

/** What a path's extension says that it holds: an image, a sound, or (null) neither. */
export function mediaOfPath(path: string): MediaKind | null {
  const extension = extname(path).toLowerCase();
  return IMAGES.has(extension) ? "image" : SOUNDS.has(extension) ? "audio" : null;
}

/**
 * The format that a file's extension stands for; `.gz` and `.zst` are looked behind.
 * @throws {HeadstartError} `data` for extensions that stand for none, and for packed files that cannot be streamed.
 */
export function formatOfFile(path: string): InputFormat {
  const extension = extname(path).toLowerCase();
  if (PACKED.has(extension)) return formatOfPacked(path, extension);
  const media = mediaOfPath(path);
  if (media !== null) return media === "image" ? "images" : "audio";
  const format = BY_EXTENSION.get(extension);
  if (format !== undefined) return format;
  throw new HeadstartError(
    "data",
    `${path}: cannot tell the format from ${extension === "" ? "a name without extension" : `'${extension}'`}`,
    {
      facts: { path, extension },
      hint:
        REMEDIES.get(extension) ??
        `Readable: ${[...BY_EXTENSION.keys()].join(" ")}, these with .gz or .zst, pictures, sounds and folders of them; or name it with --format.`,
    },
  );
}

function formatOfPacked(path: string, extension: string): InputFormat {
  const inner = path.slice(0, -extension.length);
  if (extname(inner) === ".tar") {
    throw new HeadstartError("data", `${path} is an archive of files`, { facts: { path }, hint: UNPACK });
  }
  const format = extname(inner) === "" ? null : formatOfFile(inner);
  if (format !== null && isFlat(format)) return format;
  throw new HeadstartError(
    "data",
    format === null
      ? `${path}: cannot tell what is packed from a name without a second extension`
      : `${path}: ${format} cannot be read while it is packed, as it is not read from the first byte to the last`,
    {
      facts: { path, extension },
      hint:
        format === null
          ? "Name the format with --format csv, tsv, json, jsonl or text."
          : `Unpack it first: ${extension === ".gz" ? "gunzip" : "unzstd"} ${path}`,
    },
  );
}

/** Whether a format is read from the first byte to the last, and may therefore come packed, piped or from an address. */
export function isFlat(format: InputFormat): format is "csv" | "tsv" | "json" | "jsonl" | "text" {
  return ["csv", "tsv", "json", "jsonl", "text"].includes(format);
}
