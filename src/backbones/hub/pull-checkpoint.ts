import type { HeadstartError } from "../../core/errors.js";
import { isForbidden } from "./cache-fault.js";
import { checkFreeSpace } from "./free-space.js";
import { repositoryFolder, snapshotFolder, writeRef } from "./hub-cache.js";
import { type HubClient, openHubClient } from "./hub-client.js";
import { hubError } from "./hub-error.js";
import { checkRevision } from "./hub-id.js";
import { announced, type HubRepository, hubRepository } from "./hub-repository.js";
import type { HubCheckpoint, HubRequest } from "./hub-request.js";
import { type HubSettings, hubSettings } from "./hub-settings.js";
import { inParallel } from "./in-parallel.js";
import {
  type LockedFile,
  type LockRecord,
  lockedFile,
  lockedRevision,
  readLockRecord,
  writeLockRecord,
} from "./lock-record.js";
import { presentFile } from "./present-file.js";
import { type Announced, pullFiles } from "./pull-files.js";
import { lockRepository } from "./pull-lock.js";
import { wantedFiles } from "./wanted-files.js";

export interface PullRequest extends HubRequest {
  /** Take what the branch or tag means today, where an earlier pull recorded another commit. */
  readonly update?: boolean;
  /** Hash what is here, and download again what is damaged. */
  readonly repair?: boolean;
}

export interface PullResult extends HubCheckpoint {
  readonly id: string;
  readonly revision: string;
  readonly files: readonly { readonly path: string; readonly size: number; readonly downloaded: boolean }[];
  /** Bytes that were not here before. */
  readonly downloadedBytes: number;
  /** What the branch or tag means today, where that is not the recorded commit. */
  readonly newerCommit: string | null;
}

/**
 * Downloads what a backbone needs of a repository, as far as it is not in the cache, and records it in
 * `headstart.lock.json`. A revision that was pulled before keeps to its recorded commit.
 * @throws {HeadstartError} `model` if the Hub refuses, cannot be reached, or has no such graph; `io` for the disk;
 *   `interrupted`. What has been downloaded is kept.
 */
export async function pullCheckpoint(
  id: string,
  request: PullRequest = {},
  settings: HubSettings = hubSettings(),
): Promise<PullResult> {
  const { revision = "main", precision = "fp32", modality = null, signal } = request;
  checkRevision(revision);
  if (settings.offline) throw offline(id, revision, settings);
  const repository = repositoryFolder(settings.cache, id);
  const client = await openHubClient(settings);
  try {
    const locked = lockedRevision(await readLockRecord(repository), revision);
    const today = await hubRepository(client, settings, id, revision, signal);
    const keep = locked !== null && locked !== today.commit && request.update !== true;
    const at = keep ? await hubRepository(client, settings, id, locked, signal) : today;
    const listing = at.files.map((file) => file.path);
    const wanted = new Set(wantedFiles(id, listing, precision, modality));
    const files = await inParallel(
      at.files.filter(({ path }) => wanted.has(path)),
      settings.parallel,
      (file) => announced(client, settings, at, file, signal),
    );
    const pulled = await pullInto(repository, { client, settings, at, files, request, revision });
    return {
      id,
      revision,
      folder: snapshotFolder(repository, at.commit),
      commit: at.commit,
      license: at.license,
      source: sourceOf(settings, at),
      files: files.map(({ path, size }) => ({ path, size, downloaded: pulled.has(path) })),
      downloadedBytes: files.reduce((sum, { path, size }) => sum + (pulled.has(path) ? size : 0), 0),
      newerCommit: keep ? today.commit : null,
    };
  } finally {
    await client.close();
  }
}

interface Pull {
  readonly client: HubClient;
  readonly settings: HubSettings;
  readonly at: HubRepository;
  readonly files: readonly Announced[];
  readonly request: PullRequest;
  readonly revision: string;
}

/** Brings the files that are missing, one process at a time. @returns the paths that were downloaded. */
async function pullInto(repository: string, pull: Pull): Promise<ReadonlySet<string>> {
  const { at, settings, request, client } = pull;
  let release: (() => Promise<void>) | null = null;
  try {
    release = await lockRepository(repository, request.signal);
  } catch (thrown) {
    if (!isForbidden(thrown)) throw thrown;
    // A cache that cannot be written still serves, where nothing is missing.
    const { missing } = await compare(repository, pull, await readLockRecord(repository));
    if (missing.length > 0) throw thrown;
    return new Set();
  }
  try {
    const record = await readLockRecord(repository);
    const { here, missing } = await compare(repository, pull, record);
    await checkFreeSpace(repository, missing);
    const pulled = await pullFiles(repository, { client, settings, at, files: missing, request });
    await writeRef(repository, pull.revision, at.commit);
    await writeLockRecord(repository, extended(record, pull, new Map([...here, ...pulled])));
    return new Set(missing.map(({ path }) => path));
  } finally {
    await release();
  }
}

/** What of the wanted files is here, and what is not. */
async function compare(
  repository: string,
  { at, files, settings, request }: Pull,
  record: LockRecord | null,
): Promise<{ here: ReadonlyMap<string, LockedFile>; missing: readonly Announced[] }> {
  const locked = record?.commits[at.commit];
  for (const file of files) checkLocked(at, file, lockedFile(locked, file.path));
  const repair = request.repair === true;
  const found = await inParallel(files, settings.parallel, async (file) => ({
    file,
    present: await presentFile(repository, at.commit, file, { known: lockedFile(locked, file.path), repair }),
  }));
  return {
    here: new Map(found.flatMap(({ file, present }) => (present === null ? [] : [[file.path, present]]))),
    missing: found.filter(({ present }) => present === null).map(({ file }) => file),
  };
}

/** @throws {HeadstartError} `model` if a commit holds other content than when it was first pulled. */
function checkLocked({ id, commit }: HubRepository, file: Announced, locked: LockedFile | undefined): void {
  if (locked === undefined || (locked.size === file.size && locked.blob === file.blob)) return;
  throw hubError(
    "changed",
    `${file.path} of '${id}' has changed under the same commit ${commit.slice(0, 12)}`,
    {
      id,
      facts: { path: file.path, commit, locked: locked.blob, actual: file.blob },
      hint:
        "A commit never changes on the Hub itself: look at HF_ENDPOINT. What is in the cache is kept; " +
        `to take the new content all the same: headstart backbones remove ${id}`,
    },
  );
}

function extended(
  record: LockRecord | null,
  { at, revision, settings }: Pull,
  files: ReadonlyMap<string, LockedFile>,
): LockRecord {
  const before = record?.commits[at.commit]?.files ?? {};
  const sorted = Object.entries({ ...before, ...Object.fromEntries(files) }).sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return {
    format: 1,
    id: at.id,
    revisions: { ...record?.revisions, [revision]: at.commit },
    commits: {
      ...record?.commits,
      [at.commit]: {
        license: at.license,
        source: sourceOf(settings, at),
        listing: at.files.map((file) => file.path),
        files: Object.fromEntries(sorted),
      },
    },
  };
}

function sourceOf({ endpoint }: HubSettings, { id, commit }: HubRepository): string {
  return `${endpoint}/${id}/tree/${commit}`;
}

/** The error for what is not in the cache while the network must not be used. */
export function offline(
  id: string,
  revision: string,
  { cache }: HubSettings,
  what = "is not",
): HeadstartError {
  return hubError(
    "offline",
    `'${id}' at revision '${revision}' ${what} in the cache, and HF_HUB_OFFLINE is set`,
    {
      id,
      facts: { revision, cache },
      hint: `Unset HF_HUB_OFFLINE and run: headstart backbones pull ${id}`,
    },
  );
}
