import { open, rename, rm } from "node:fs/promises";
import { dirname, extname } from "node:path";
import { HeadstartError, messageOf } from "../core/errors.js";
import { makeFolder } from "../core/make-folder.js";
import { tableEncoder } from "../embeddings/file/table-encoder.js";
import type { Prediction } from "./types.js";

/** Takes predictions batch by batch; the file appears under its name only when it is whole. */
export interface PredictionWriter {
  write(batch: readonly Prediction[]): Promise<void>;
  finish(): Promise<void>;
  /** Removes what was written. */
  discard(): Promise<void>;
}

/** Turns batches into the bytes of a format. */
interface Format {
  begin(): string | Uint8Array;
  batch(rows: readonly Prediction[]): string | Uint8Array;
  end(): string | Uint8Array;
}

/**
 * Opens a prediction file, and makes its folder; its extension says the format: `.jsonl`, `.csv` or `.arrow`.
 * @param classes - with scores: one more column a class, `score:<class>` (JSON: an object `scores`).
 * @throws {HeadstartError} `usage` for another extension, `io` if the folder cannot be written.
 */
export async function predictionWriter(
  path: string,
  classes: readonly string[] | null,
): Promise<PredictionWriter> {
  const format = formats[predictionFormat(path)](classes ?? []);
  const temporary = `${path}.tmp`;
  const failed = (cause: unknown): HeadstartError =>
    new HeadstartError("io", `Cannot write ${path}: ${messageOf(cause)}`, {
      facts: { path },
      hint: "Check that the folder exists, can be written, and has space left.",
      cause,
    });
  const file = await makeFolder(dirname(path))
    .then(() => open(temporary, "w"))
    .catch((cause: unknown) => Promise.reject(failed(cause)));
  const put = async (content: string | Uint8Array): Promise<void> => {
    if (content.length > 0)
      await file.appendFile(content).catch((cause: unknown) => Promise.reject(failed(cause)));
  };
  await put(format.begin());
  return {
    write: (batch) => put(format.batch(batch)),
    async finish() {
      await put(format.end());
      await file.sync();
      await file.close();
      await rename(temporary, path).catch((cause: unknown) => Promise.reject(failed(cause)));
    },
    async discard() {
      await file.close().catch(() => undefined);
      await rm(temporary, { force: true });
    },
  };
}

/**
 * The format that a prediction file's name asks for.
 * @throws {HeadstartError} `usage` for another extension than `.jsonl`, `.csv` or `.arrow`.
 */
export function predictionFormat(path: string): keyof typeof formats {
  const extension = extname(path).slice(1).toLowerCase();
  if (extension === "jsonl" || extension === "csv" || extension === "arrow") return extension;
  throw new HeadstartError("usage", `Cannot tell the format of ${path}`, {
    facts: { path },
    hint: "Name it .jsonl, .csv or .arrow.",
  });
}

const formats = { jsonl, csv, arrow };

function jsonl(): Format {
  return {
    begin: () => "",
    batch: (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join(""),
    end: () => "",
  };
}

function csv(classes: readonly string[]): Format {
  const quote = (value: string): string =>
    /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  const line = (cells: readonly (string | number | null)[]): string =>
    `${cells.map((cell) => quote(String(cell ?? ""))).join(",")}\n`;
  return {
    begin: () => line(["id", "prediction", "confidence", ...classes.map((name) => `score:${name}`)]),
    batch: (rows) =>
      rows
        .map((row) =>
          line([row.id, row.prediction, row.confidence, ...classes.map((name) => row.scores![name]!)]),
        )
        .join(""),
    end: () => "",
  };
}

function arrow(classes: readonly string[]): Format {
  const { head, batch, tail } = tableEncoder([
    { name: "id", type: "utf8", nullable: false },
    { name: "prediction", type: "utf8", nullable: true },
    { name: "confidence", type: "float32", nullable: true },
    ...classes.map((name) => ({ name: `score:${name}`, type: "float32", nullable: false }) as const),
  ]);
  const cells = (row: Prediction): (string | number | null)[] => [
    row.id,
    row.prediction,
    row.confidence,
    ...classes.map((name) => row.scores![name]!),
  ];
  return { begin: head, batch: (rows) => batch(rows.map(cells)), end: tail };
}
