import { readFile, stat } from "node:fs/promises";
import { HeadstartError, messageOf } from "../core/errors.js";
import { type JsonSize, jsonSize } from "./json-size.js";

/** No tokenizer in use is larger than 40 MB; much beyond that, reading one takes more memory than a machine may have. */
const MAX_BYTES = 128 * 2 ** 20;

/** A tokenizer with a million tokens and as many merges has about 6,000,000 values; lists in lists are 10 deep at most. */
const MAX: JsonSize = { values: 12_000_000, depth: 64 };

/**
 * A JSON file of a checkpoint that holds an object; null where it does not exist. A link is followed: Hugging Face's
 * cache consists of them.
 * @throws {HeadstartError} `model` naming the file if it is no JSON or no object, no regular file, over 128 MiB, deeper
 *   than 64 or of more than 12,000,000 values.
 */
export async function readJson(path: string): Promise<Record<string, unknown> | null> {
  const value = await readAnyJson(path);
  if (value === undefined) return null;
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw unfit(path, `holds ${kindOf(value)}, where an object { … } belongs`);
}

/** The same for a JSON file that holds a list. */
export async function readJsonList(path: string): Promise<unknown[] | null> {
  const value = await readAnyJson(path);
  if (value === undefined) return null;
  if (Array.isArray(value)) return value;
  throw unfit(path, `holds ${kindOf(value)}, where a list [ … ] belongs`);
}

/**
 * A checkpoint's file of text, such as vocab.txt; null where it does not exist.
 * @throws {HeadstartError} `model` naming the file if it cannot be read, is no regular file or over 128 MiB.
 */
export async function readBounded(path: string): Promise<Buffer | null> {
  try {
    const file = await stat(path);
    if (!file.isFile()) throw unfit(path, "is no regular file");
    if (file.size > MAX_BYTES) {
      throw unfit(path, `has ${Math.ceil(file.size / 2 ** 20)} MiB; the limit is ${MAX_BYTES / 2 ** 20}`);
    }
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof HeadstartError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new HeadstartError("model", `Cannot read ${path}: ${messageOf(cause)}`, { facts: { path }, cause });
  }
}

async function readAnyJson(path: string): Promise<unknown> {
  const bytes = await readBounded(path);
  if (bytes === null) return undefined;
  const { values, depth } = jsonSize(bytes);
  if (depth > MAX.depth) throw unfit(path, `is nested ${depth} deep; the limit is ${MAX.depth}`);
  if (values > MAX.values) throw unfit(path, `has ${values} values; the limit is ${MAX.values}`);
  try {
    // Some editors put a byte order mark first, which JSON does not allow.
    return JSON.parse(bytes.toString("utf8").replace(/^\ufeff/, ""));
  } catch (cause) {
    throw new HeadstartError("model", `${path} is not valid JSON: ${messageOf(cause)}`, {
      facts: { path },
      hint: hintOf(bytes),
      cause,
    });
  }
}

function unfit(path: string, what: string): HeadstartError {
  return new HeadstartError("model", `${path} ${what}`, {
    facts: { path },
    hint: "Fetch the checkpoint's file again; no exporter writes one like this.",
  });
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return value === null ? "null" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function hintOf(bytes: Buffer): string {
  const start = bytes.toString("latin1", 0, 100).trimStart().toLowerCase();
  if (start.startsWith("version https://git-lfs")) return "It is a Git LFS pointer: run git lfs pull.";
  if (start.startsWith("<")) return "It is a web page: the address gave a page, not the file.";
  if (start === "") return "It is empty: fetch it again.";
  return "Fetch it again, or correct it.";
}
