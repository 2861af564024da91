import { readdir, rm, rmdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Precision } from "../backbone.js";
import { precisionsOf } from "../graph-file.js";
import { cacheFault } from "./cache-fault.js";
import {
  blobPath,
  cachedCommit,
  cachedCommits,
  realFile,
  repositoryFolder,
  snapshotFiles,
  snapshotFolder,
} from "./hub-cache.js";
import { hubError } from "./hub-error.js";
import { checkRevision } from "./hub-id.js";
import { type HubSettings, hubSettings } from "./hub-settings.js";
import {
  LOCK_RECORD,
  type LockRecord,
  lockedRevision,
  readLockRecord,
  writeLockRecord,
} from "./lock-record.js";
import { lockRepository } from "./pull-lock.js";
import { graphsOfPrecision } from "./wanted-files.js";

export interface RemoveResult {
  readonly id: string;
  readonly removed: readonly { readonly commit: string; readonly path: string }[];
  readonly freedBytes: number;
  /** Files that another program had put into the cache: they stay. */
  readonly kept: number;
}

/**
 * Removes from the cache what was pulled of a repository, unfinished downloads included. Files that another program had put
 * there stay, and so does a content that another commit still needs.
 * @param options - `revision`: this one alone; `precision`: its weights alone.
 * @throws {HeadstartError} `model` if nothing was pulled; `io` if the cache cannot be written.
 */
export async function removeCheckpoint(
  id: string,
  options: { readonly revision?: string; readonly precision?: Precision; readonly signal?: AbortSignal } = {},
  settings: HubSettings = hubSettings(),
): Promise<RemoveResult> {
  const repository = repositoryFolder(settings.cache, id);
  if ((await stat(repository).catch(() => null)) === null) throw nothing(id, settings);
  const release = await lockRepository(repository, options.signal);
  try {
    const record = await readLockRecord(repository);
    const parts = options.precision === undefined ? await unfinished(repository) : [];
    if (record === null && parts.length === 0) throw nothing(id, settings);
    const chosen = record === null ? [] : await choose(id, repository, record, options);
    const ours = chosen.filter(({ found }) => !found);
    const own = ours.map(({ blob }) => blobPath(repository, blob));
    for (const { commit, path } of ours) await removeLink(repository, commit, path);
    const needed = await blobsInUse(repository);
    let freedBytes = 0;
    for (const path of new Set([...own, ...parts])) {
      if (needed.has(basename(path))) continue;
      freedBytes += (await stat(path).catch(() => null))?.size ?? 0;
      await rm(path, { force: true });
    }
    if (record !== null) await forget(repository, record, chosen, options.precision !== undefined);
    const removed = ours.map(({ commit, path }) => ({ commit, path }));
    return { id, removed, freedBytes, kept: chosen.length - ours.length };
  } catch (thrown) {
    throw cacheFault(repository, thrown);
  } finally {
    await release();
    await removeIfEmpty(repository);
  }
}

interface Chosen {
  readonly commit: string;
  readonly path: string;
  readonly blob: string;
  readonly found: boolean;
}

async function choose(
  id: string,
  repository: string,
  record: LockRecord,
  { revision, precision }: { readonly revision?: string; readonly precision?: Precision },
): Promise<readonly Chosen[]> {
  if (revision !== undefined) checkRevision(revision);
  const only =
    revision === undefined
      ? null
      : (lockedRevision(record, revision) ?? (await cachedCommit(repository, revision)));
  const commits = Object.entries(record.commits).filter(
    ([commit]) => revision === undefined || commit === only,
  );
  const chosen = commits.flatMap(([commit, { files }]) => {
    const weights =
      precision === undefined ? null : new Set(graphsOfPrecision(Object.keys(files), precision));
    return Object.entries(files)
      .filter(([path]) => weights === null || weights.has(path))
      .map(([path, { blob, found }]) => ({ commit, path, blob, found }));
  });
  if (chosen.length > 0) return chosen;
  const there = precisionsOf(commits.flatMap(([, { files }]) => Object.keys(files)));
  throw hubError(
    "not-found",
    `Nothing of '${id}' was pulled ${revision === undefined ? "" : `at '${revision}' `}in ${precision ?? "any precision"}`,
    {
      id,
      facts: { precisions: there, revisions: Object.keys(record.revisions) },
      hint: `There is: ${there.join(", ") || "none"}, at ${Object.keys(record.revisions).join(", ")}.`,
    },
  );
}

/** Removes a file of a snapshot, and the folders that it leaves empty. */
async function removeLink(repository: string, commit: string, path: string): Promise<void> {
  const root = snapshotFolder(repository, commit);
  const link = join(root, ...path.split("/"));
  await rm(link, { force: true });
  for (let folder = dirname(link); folder.startsWith(root); folder = dirname(folder)) {
    if (!(await removeIfEmpty(folder))) return;
  }
}

/** Contents that some snapshot still links to, by name. */
async function blobsInUse(repository: string): Promise<ReadonlySet<string>> {
  const used = new Set<string>();
  for (const commit of await cachedCommits(repository)) {
    for (const path of await snapshotFiles(repository, commit)) {
      const real = await realFile(repository, commit, path);
      if (real !== null) used.add(basename(real.path));
    }
  }
  return used;
}

async function unfinished(repository: string): Promise<readonly string[]> {
  const names = await readdir(join(repository, "blobs")).catch(() => []);
  return names.filter((name) => name.endsWith(".headstart-part")).map((name) => blobPath(repository, name));
}

/** Takes the removed files out of the record, and the record away once it holds nothing. */
async function forget(
  repository: string,
  record: LockRecord,
  chosen: readonly Chosen[],
  keepCommits: boolean,
): Promise<void> {
  const gone = new Set(chosen.map(({ commit, path }) => `${commit}/${path}`));
  const commits = Object.entries(record.commits).flatMap(([commit, locked]) => {
    const files = Object.entries(locked.files).filter(([path]) => !gone.has(`${commit}/${path}`));
    return files.length > 0 || keepCommits
      ? [[commit, { ...locked, files: Object.fromEntries(files) }] as const]
      : [];
  });
  const left = new Set(commits.map(([commit]) => commit));
  const revisions = Object.entries(record.revisions).filter(([, commit]) => left.has(commit));
  for (const [revision, commit] of Object.entries(record.revisions)) {
    const path = join(repository, "refs", ...revision.split("/"));
    const inUse = (await cachedCommits(repository)).includes(commit);
    if (!left.has(commit) && !inUse) await rm(path, { force: true });
  }
  if (commits.length === 0) await rm(join(repository, LOCK_RECORD), { force: true });
  else {
    await writeLockRecord(repository, {
      ...record,
      revisions: Object.fromEntries(revisions),
      commits: Object.fromEntries(commits),
    });
  }
}

/** Removes a folder of empty folders; nothing where there is a file in it. @returns whether it is gone. */
async function removeIfEmpty(folder: string): Promise<boolean> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isDirectory() || !(await removeIfEmpty(join(folder, entry.name)))) return false;
  }
  return rmdir(folder).then(
    () => true,
    () => false,
  );
}

function nothing(id: string, { cache }: HubSettings): Error {
  return hubError("not-found", `Nothing of '${id}' was pulled into the cache`, {
    id,
    facts: { cache },
    hint: `See what there is: headstart backbones list. What other programs downloaded: hf cache rm model/${id}`,
  });
}
