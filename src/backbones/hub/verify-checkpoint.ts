import { basename } from "node:path";
import { throwIfInterrupted } from "../../core/interrupted.js";
import type { OnProgress } from "../../core/progress.js";
import { blobDigest } from "./blob-digest.js";
import { cachedCommit, cachedCommits, realFile, repositoryFolder, snapshotFiles } from "./hub-cache.js";
import { hubError } from "./hub-error.js";
import { checkRevision } from "./hub-id.js";
import { type HubSettings, hubSettings } from "./hub-settings.js";
import { type LockRecord, lockedFile, lockedRevision, readLockRecord } from "./lock-record.js";

/** One file, hashed again. `unknown`: nothing says what it should be. */
export interface VerifiedFile {
  readonly commit: string;
  readonly path: string;
  readonly state: "ok" | "changed" | "missing" | "unknown";
  readonly size: number | null;
}

/**
 * Hashes a repository's files in the cache and compares them with the record of the pull and with the Hub's own names for
 * their content.
 * @param options - `revision`: this one alone; default: every commit that is there.
 * @throws {HeadstartError} `model` if the cache holds nothing of it; `interrupted`.
 */
export async function verifyCheckpoint(
  id: string,
  options: {
    readonly revision?: string;
    readonly onProgress?: OnProgress;
    readonly signal?: AbortSignal;
  } = {},
  settings: HubSettings = hubSettings(),
): Promise<readonly VerifiedFile[]> {
  const repository = repositoryFolder(settings.cache, id);
  const record = await readLockRecord(repository);
  const commits = await commitsOf(repository, record, options.revision);
  const named = await Promise.all(commits.map((commit) => filesOf(repository, commit, record)));
  const files = named.flat();
  if (files.length === 0) {
    throw hubError("not-found", `The cache holds nothing of '${id}'`, {
      id,
      facts: { cache: settings.cache },
      hint: `Download it: headstart backbones pull ${id}`,
    });
  }
  const verified: VerifiedFile[] = [];
  for (const { commit, path } of files) {
    throwIfInterrupted(options.signal);
    const locked = lockedFile(record?.commits[commit], path);
    verified.push({ commit, path, ...(await verify(repository, commit, path, locked)) });
    options.onProgress?.({ stage: "read", done: verified.length, total: files.length, unit: "files" });
  }
  return verified;
}

async function verify(
  repository: string,
  commit: string,
  path: string,
  locked: { readonly sha256: string; readonly blob: string; readonly size: number } | undefined,
): Promise<Pick<VerifiedFile, "state" | "size">> {
  const real = await realFile(repository, commit, path);
  if (real === null) return { state: "missing", size: null };
  const blob = locked?.blob ?? basename(real.path);
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(blob)) return { state: "unknown", size: real.size };
  const { sha256, matches } = await blobDigest(real.path, blob);
  const same = matches && (locked === undefined || locked.sha256 === sha256);
  return { state: same ? "ok" : "changed", size: real.size };
}

async function commitsOf(
  repository: string,
  record: LockRecord | null,
  revision: string | undefined,
): Promise<readonly string[]> {
  if (revision === undefined) {
    const recorded = Object.keys(record?.commits ?? {});
    return [...new Set([...(await cachedCommits(repository)), ...recorded])].sort();
  }
  checkRevision(revision);
  const commit = lockedRevision(record, revision) ?? (await cachedCommit(repository, revision));
  return commit === null ? [] : [commit];
}

/** Those that the record names, and those that are there. */
async function filesOf(
  repository: string,
  commit: string,
  record: LockRecord | null,
): Promise<readonly { readonly commit: string; readonly path: string }[]> {
  const recorded = Object.keys(record?.commits[commit]?.files ?? {});
  const paths = new Set([...recorded, ...(await snapshotFiles(repository, commit))]);
  return [...paths].sort().map((path) => ({ commit, path }));
}
