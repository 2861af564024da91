import { copyFile, link, readdir, readFile, realpath, rename, rm, stat, symlink } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { writeFileAtomic } from "../../core/atomic-file.js";
import { makeFolder } from "../../core/make-folder.js";
import { systemCode } from "../../core/system-code.js";
import { isCommit, repositoryFolderName } from "./hub-id.js";

/** Where huggingface_hub keeps a repository: `blobs` by digest, `snapshots` of links to them, `refs` of names to commits. */
export function repositoryFolder(cache: string, id: string): string {
  return join(cache, repositoryFolderName(id));
}

export function snapshotFolder(repository: string, commit: string): string {
  return join(repository, "snapshots", commit);
}

export function blobPath(repository: string, blob: string): string {
  return join(repository, "blobs", blob);
}

/** The commit that a branch or tag meant when it was last downloaded; null where the cache does not know it. */
export async function cachedCommit(repository: string, revision: string): Promise<string | null> {
  if (isCommit(revision)) return revision;
  const text = await readFile(join(repository, "refs", ...revision.split("/")), "utf8").catch(() => "");
  return isCommit(text.trim()) ? text.trim() : null;
}

/** Remembers which commit a branch or tag means, as huggingface_hub does. */
export async function writeRef(repository: string, revision: string, commit: string): Promise<void> {
  if (isCommit(revision) || (await cachedCommit(repository, revision)) === commit) return;
  await writeFileAtomic(join(repository, "refs", ...revision.split("/")), commit);
}

/** The commits of which the cache holds files. */
export async function cachedCommits(repository: string): Promise<readonly string[]> {
  const names = await readdir(join(repository, "snapshots")).catch(() => []);
  return names.filter(isCommit).sort();
}

/** The files of a snapshot, with forward slashes; links that lead out of the repository's folder are left out. */
export async function snapshotFiles(repository: string, commit: string): Promise<readonly string[]> {
  const folder = snapshotFolder(repository, commit);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"));
  const real = await Promise.all(paths.map((path) => realFile(repository, commit, path)));
  return paths.filter((_path, i) => real[i] !== null).sort();
}

/** A file of a snapshot once links are followed; null where there is none within the repository's folder. */
export async function realFile(
  repository: string,
  commit: string,
  path: string,
): Promise<{ readonly path: string; readonly size: number } | null> {
  try {
    const [root, real] = await Promise.all([
      realpath(repository),
      realpath(join(snapshotFolder(repository, commit), ...path.split("/"))),
    ]);
    const status = await stat(real);
    return real.startsWith(root + sep) && status.isFile() ? { path: real, size: status.size } : null;
  } catch (thrown) {
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes(systemCode(thrown) ?? "")) return null;
    throw thrown;
  }
}

/**
 * Puts a blob into a snapshot under its name, in one step: a relative link, or where the system allows none (Windows), a
 * hard link or a copy.
 */
export async function linkBlob(
  repository: string,
  commit: string,
  path: string,
  blob: string,
): Promise<void> {
  const target = join(snapshotFolder(repository, commit), ...path.split("/"));
  const source = blobPath(repository, blob);
  const temporary = `${target}.${process.pid}.tmp`;
  await makeFolder(dirname(target));
  await rm(temporary, { force: true });
  try {
    await symlink(relative(dirname(target), source), temporary, "file");
  } catch {
    await link(source, temporary).catch(() => copyFile(source, temporary));
  }
  await rename(temporary, target);
}
