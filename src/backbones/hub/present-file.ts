import { rm } from "node:fs/promises";
import { basename } from "node:path";
import { blobDigest } from "./blob-digest.js";
import { blobPath, linkBlob, realFile } from "./hub-cache.js";
import type { LockedFile } from "./lock-record.js";
import type { Announced } from "./pull-files.js";
import { realBlob } from "./real-blob.js";

/**
 * A wanted file that is in the cache already, by our doing or another program's; null where it has to be downloaded.
 * A content that lies there under another commit is linked into this one.
 * @param options - `known`: what was recorded of it; `repair`: hash it, and throw it away where it is damaged.
 */
export async function presentFile(
  repository: string,
  commit: string,
  file: Announced,
  options: { readonly known: LockedFile | undefined; readonly repair: boolean },
): Promise<LockedFile | null> {
  const { path, size, blob } = file;
  const inSnapshot = await realFile(repository, commit, path);
  const real = inSnapshot?.size === size ? inSnapshot : await realBlob(repository, blob);
  if (real === null || real.size !== size) return null;
  // A name in `blobs` is a digest that whoever wrote the file has checked; a file of its own has no such name.
  const named = basename(real.path) === blob;
  const known = options.known;
  let sha256 = known?.sha256 ?? (named && blob.length === 64 ? blob : null);
  if (options.repair || sha256 === null || !(named || known)) {
    const digest = await blobDigest(real.path, blob);
    if (!digest.matches) {
      await rm(named ? blobPath(repository, blob) : real.path, { force: true });
      return null;
    }
    sha256 = digest.sha256;
  }
  if (real !== inSnapshot) await linkBlob(repository, commit, path, blob);
  return { size, sha256, blob, found: known?.found ?? true };
}
