import { lstat } from "node:fs/promises";
import { blobPath } from "./hub-cache.js";

/** A content of the cache by the Hub's name for it; null where it is not there, or is a link to elsewhere. */
export async function realBlob(
  repository: string,
  blob: string,
): Promise<{ readonly path: string; readonly size: number } | null> {
  const path = blobPath(repository, blob);
  const status = await lstat(path).catch(() => null);
  return status?.isFile() ? { path, size: status.size } : null;
}
