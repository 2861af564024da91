import { graphFiles, missingGraph } from "../graph-file.js";
import { cachedCommit, realFile, repositoryFolder, snapshotFiles, snapshotFolder } from "./hub-cache.js";
import { checkRevision } from "./hub-id.js";
import type { HubCheckpoint, HubRequest } from "./hub-request.js";
import { type HubSettings, hubSettings } from "./hub-settings.js";
import { type LockedCommit, lockedFile, lockedRevision, readLockRecord } from "./lock-record.js";
import { offline, pullCheckpoint } from "./pull-checkpoint.js";
import { wantedFiles } from "./wanted-files.js";

/**
 * The files of a Hub id: from the cache where an earlier pull brought all that is needed, without asking the network;
 * else downloaded once.
 * @throws {HeadstartError} as `pullCheckpoint` does.
 */
export async function hubCheckpoint(
  id: string,
  request: HubRequest = {},
  settings: HubSettings = hubSettings(),
): Promise<HubCheckpoint> {
  const { revision = "main" } = request;
  checkRevision(revision);
  const repository = repositoryFolder(settings.cache, id);
  const record = await readLockRecord(repository);
  const commit = lockedRevision(record, revision) ?? (await cachedCommit(repository, revision));
  const locked = commit === null ? undefined : record?.commits[commit];
  if (commit !== null && locked !== undefined && (await isWhole(id, repository, commit, locked, request))) {
    const { license, source } = locked;
    return { folder: snapshotFolder(repository, commit), commit, license, source };
  }
  if (settings.offline) return cachedOnly(id, repository, commit, request, settings);
  return pullCheckpoint(id, request, settings);
}

/** Whether every file that the request needs was pulled, and is still there in its size. */
async function isWhole(
  id: string,
  repository: string,
  commit: string,
  locked: LockedCommit,
  { precision = "fp32", modality }: HubRequest,
): Promise<boolean> {
  const wanted = wantedFiles(id, locked.listing, precision, modality ?? null);
  const found = await Promise.all(wanted.map((path) => realFile(repository, commit, path)));
  return wanted.every((path, i) => found[i] !== null && found[i]?.size === lockedFile(locked, path)?.size);
}

/** What another program has put into the cache, as far as can be told without asking the Hub. */
async function cachedOnly(
  id: string,
  repository: string,
  commit: string | null,
  request: HubRequest,
  settings: HubSettings,
): Promise<HubCheckpoint> {
  const { revision = "main", precision = "fp32", modality = null } = request;
  if (commit === null) throw offline(id, revision, settings);
  const files = await snapshotFiles(repository, commit);
  if (files.length === 0) throw offline(id, revision, settings);
  if (graphFiles(files, precision, modality).length === 0) {
    const { hint } = missingGraph(id, files, precision, modality);
    const graphs = files.filter((file) => file.endsWith(".onnx"));
    throw offline(
      id,
      revision,
      settings,
      `has no ${precision} graph${graphs.length > 0 ? ` (${hint})` : ""}`,
    );
  }
  if (!files.includes("config.json")) throw offline(id, revision, settings, "has no config.json");
  return {
    folder: snapshotFolder(repository, commit),
    commit,
    license: null,
    source: `${settings.endpoint}/${id}/tree/${commit}`,
  };
}
