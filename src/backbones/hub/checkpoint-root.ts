import { basename, dirname } from "node:path";

/**
 * The folder that a checkpoint's files may lie in once links are followed: a snapshot of the Hub's cache holds links to the
 * `blobs` of its repository; any other folder holds its files itself.
 */
export function checkpointRoot(folder: string): string {
  const snapshots = dirname(folder);
  const repository = dirname(snapshots);
  return basename(snapshots) === "snapshots" && basename(repository).startsWith("models--")
    ? repository
    : folder;
}
