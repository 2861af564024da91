import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../core/atomic-file.js";
import { sha256 } from "../core/hash.js";
import { areUnchanged, type FileStamp } from "./file-stamp.js";

/** What is remembered of an ONNX file. */
export interface RememberedGraph {
  readonly digest: string;
  /** What its external weights are relative to. */
  readonly folder: string;
  /** Of the graph's file, then of the files of its weights. */
  readonly stamps: readonly FileStamp[];
  /** The encoded model, its large weights external. */
  readonly skeleton: Uint8Array;
}

/** Raised whenever the same file would be remembered differently. */
const VERSION = 2;

/**
 * What is remembered of the file, if that is whole and no file has changed; else null.
 * @param cache - the folder of the cache.
 */
export async function readSkeleton(cache: string, own: FileStamp): Promise<RememberedGraph | null> {
  const bytes = await readFile(pathOf(cache, own)).catch(() => null);
  const end = bytes?.indexOf(10) ?? -1;
  if (bytes === null || end < 0) return null;
  const skeleton = new Uint8Array(bytes.subarray(end + 1));
  const header = parse(bytes.toString("utf8", 0, end));
  if (header === null || header.version !== VERSION || header.skeleton !== sha256(skeleton)) return null;
  const { digest, folder, stamps } = header;
  if (!Array.isArray(stamps) || stamps[0]?.path !== own.path || !(await areUnchanged(stamps))) return null;
  return { digest, folder, stamps, skeleton };
}

/** Remembers a file: a line of JSON, then the encoded model. A cache that cannot be written is done without. */
export async function writeSkeleton(cache: string, graph: RememberedGraph): Promise<void> {
  const { digest, folder, stamps, skeleton } = graph;
  const header = { version: VERSION, digest, folder, stamps, skeleton: sha256(skeleton) };
  const content = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), skeleton]);
  await writeFileAtomic(pathOf(cache, stamps[0]!), content).catch(() => undefined);
}

interface Header {
  readonly version: number;
  readonly digest: string;
  readonly folder: string;
  readonly stamps: readonly FileStamp[];
  readonly skeleton: string;
}

function parse(line: string): Header | null {
  try {
    return JSON.parse(line) as Header;
  } catch {
    return null;
  }
}

const pathOf = (cache: string, own: FileStamp): string =>
  join(cache, "graphs", `${sha256(own.path).slice(0, 32)}.graph`);
