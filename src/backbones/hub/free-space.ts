import { stat, statfs } from "node:fs/promises";
import { HeadstartError } from "../../core/errors.js";
import { blobPath } from "./hub-cache.js";
import type { Announced } from "./pull-files.js";

/** @throws {HeadstartError} `io` before any work if the disk has less space than the files need. */
export async function checkFreeSpace(repository: string, files: readonly Announced[]): Promise<void> {
  const needed = (await Promise.all(files.map((file) => missingBytes(repository, file)))).reduce(
    (a, b) => a + b,
    0,
  );
  const disk = await statfs(repository).catch(() => null);
  // Some network file systems tell nothing.
  if (disk === null || disk.blocks === 0 || disk.bavail * disk.bsize >= needed) return;
  const free = disk.bavail * disk.bsize;
  throw new HeadstartError(
    "io",
    `The disk is too full: ${megabytes(needed)} are to come, ${megabytes(free)} are free`,
    {
      facts: { path: repository, needed, free },
      hint:
        "Nothing was downloaded; what is in the cache is kept. Free some space and run the same command again, or set " +
        "HF_HUB_CACHE to a folder on another disk.",
    },
  );
}

/** Less what an interrupted download left. */
async function missingBytes(repository: string, { blob, size }: Announced): Promise<number> {
  const part = await stat(`${blobPath(repository, blob)}.headstart-part`).catch(() => null);
  return Math.max(0, size - (part?.size ?? 0));
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
