import { extname } from "node:path";
import { HeadstartError } from "../core/errors.js";
import type { InputFormat } from "./dataset-options.js";

const BY_EXTENSION: ReadonlyMap<string, InputFormat> = new Map([
  [".csv", "csv"],
  [".tsv", "tsv"],
  [".tab", "tsv"],
  [".jsonl", "jsonl"],
  [".ndjson", "jsonl"],
  [".txt", "text"],
  [".text", "text"],
]);

const SHEET = "Save the sheet as CSV (UTF-8) in the program that made it.";
/** What to do with files that are often tried. */
const REMEDIES: ReadonlyMap<string, string> = new Map([
  [".json", "If it holds one object a line, add --format jsonl; an array becomes that with jq -c '.[]'."],
  [".xlsx", SHEET],
  [".xls", SHEET],
  [".ods", SHEET],
  [".gz", "Unpack it into a pipe: gunzip -c FILE | headstart embed - --format csv (or tsv, jsonl, text)."],
  [".parquet", "Save it as CSV or JSONL first, for example with DuckDB: COPY 'x.parquet' TO 'x.csv'."],
]);

const IMAGES = new Set([".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".avif"]);

/** Whether a path has the extension of a picture that can be read: jpg, jpeg, png, webp, gif, tif, tiff, avif. */
export function isImagePath(path: string): boolean {
  return IMAGES.has(extname(path).toLowerCase());
}

/**
 * The format that a file's extension stands for.
 * @throws {HeadstartError} `data` for extensions that stand for none.
 */
export function formatOfFile(path: string): InputFormat {
  if (isImagePath(path)) return "images";
  const extension = extname(path).toLowerCase();
  const format = BY_EXTENSION.get(extension);
  if (format !== undefined) return format;
  throw new HeadstartError(
    "data",
    `${path}: cannot tell the format from ${extension === "" ? "a name without extension" : `'${extension}'`}`,
    {
      facts: { path, extension },
      hint:
        REMEDIES.get(extension) ??
        `Read are ${[...BY_EXTENSION.keys()].join(" ")}, pictures and folders of pictures; or name it with --format.`,
    },
  );
}
