import { createHash, randomBytes } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "../../core/cache-folder.js";
import { systemCode } from "../../core/system-code.js";

/** Where vectors are kept, a folder a fingerprint; the number is the version of the segments. */
export const vectorsFolder = (): string => join(cacheFolder(), "vectors-1");

/** What tells of a folder's backbone. */
export const BACKBONE_FILE = "backbone.json";

const FINISHED = ".seg";
const UNDER_WAY = ".open";

/** Segments that this process is writing: another run's file may have the same process id in its name. */
const writing = new Set<string>();

/** A new name for a segment of this process, until it is finished. @returns the two paths; `release` when it is done. */
export function segmentPaths(folder: string): { open: string; finished: string; release(): void } {
  const name = `${machine()}-${process.pid}-${randomBytes(8).toString("hex")}`;
  const open = join(folder, `${name}${UNDER_WAY}`);
  writing.add(open);
  return {
    open,
    finished: join(folder, `${name}${FINISHED}`),
    release: () => {
      writing.delete(open);
    },
  };
}

/** A file of a cache folder. */
export interface CacheFile {
  readonly path: string;
  readonly bytes: number;
  /** When it was last written or, if finished, used: milliseconds since 1970. */
  readonly used: number;
}

/** The segments of a folder; none where it does not exist. */
export async function listSegments(
  folder: string,
): Promise<{ finished: readonly CacheFile[]; open: readonly CacheFile[] }> {
  const names = await readdir(folder).catch((thrown: unknown) => {
    if (systemCode(thrown) === "ENOENT" || systemCode(thrown) === "ENOTDIR") return [];
    throw thrown;
  });
  const files = async (suffix: string): Promise<CacheFile[]> => {
    const found: CacheFile[] = [];
    for (const name of names.filter((one) => one.endsWith(suffix)).sort()) {
      const path = join(folder, name);
      const facts = await stat(path).catch(() => null);
      if (facts?.isFile()) found.push({ path, bytes: facts.size, used: facts.mtimeMs });
    }
    return found;
  };
  return { finished: await files(FINISHED), open: await files(UNDER_WAY) };
}

const FOREIGN_SILENCE_MS = 24 * 3600 * 1000;

/** Whether whoever wrote a segment under way is gone; of other machines, once it has been silent for a day. */
export function isAbandoned({ path, used }: CacheFile, now: number): boolean {
  const [, host, pid] = /([0-9a-f]+)-(\d+)-[0-9a-f]+\.open$/.exec(path) ?? [];
  if (host === undefined || host !== machine()) return now - used > FOREIGN_SILENCE_MS;
  if (Number(pid) === process.pid) return !writing.has(path) && used < performance.timeOrigin;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (thrown) {
    return systemCode(thrown) === "ESRCH";
  }
}

const machine = (): string => createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
