import type { Modality, Precision } from "../backbone.js";
import { familyOf } from "../families.js";
import { graphFiles, precisionsOf } from "../graph-file.js";
import { readJson } from "../read-json.js";
import { cachedIds } from "./cached-ids.js";
import { cachedCommits, realFile, repositoryFolder, snapshotFiles, snapshotFolder } from "./hub-cache.js";
import { type HubSettings, hubSettings } from "./hub-settings.js";
import { type LockRecord, readLockRecord } from "./lock-record.js";
import { weightFiles } from "./wanted-files.js";

/** A commit of the Hub's cache that a backbone can be made of. */
export interface CachedCheckpoint {
  readonly id: string;
  readonly commit: string;
  /** Branches and tags that were pulled as this commit; none where another program downloaded it. */
  readonly revisions: readonly string[];
  readonly folder: string;
  readonly precisions: readonly Precision[];
  /** What it reads; null where its family is unknown or reads several kinds. */
  readonly modality: Modality | null;
  /** Length of a vector, as config.json tells it; null where it does not. */
  readonly dim: number | null;
  readonly license: string | null;
  /** Of the graphs and the weights beside them. */
  readonly bytes: number;
}

/** All of them, sorted by id; checkpoints without an ONNX graph are left out. */
export async function cachedCheckpoints(
  settings: HubSettings = hubSettings(),
): Promise<readonly CachedCheckpoint[]> {
  const found = await Promise.all(cachedIds(settings).map((id) => checkpointsOf(id, settings)));
  return found.flat().sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

async function checkpointsOf(id: string, settings: HubSettings): Promise<CachedCheckpoint[]> {
  const repository = repositoryFolder(settings.cache, id);
  // A damaged record is told where the backbone is used; the list still lists.
  const record = await readLockRecord(repository).catch(() => null);
  const commits = await cachedCommits(repository);
  const found = await Promise.all(commits.map((commit) => checkpointAt(id, repository, commit, record)));
  return found.filter((one) => one !== null);
}

async function checkpointAt(
  id: string,
  repository: string,
  commit: string,
  record: LockRecord | null,
): Promise<CachedCheckpoint | null> {
  const files = await snapshotFiles(repository, commit);
  const precisions = precisionsOf(files);
  if (precisions.length === 0 || !files.includes("config.json")) return null;
  const folder = snapshotFolder(repository, commit);
  const config = (await readJson(`${folder}/config.json`).catch(() => null)) ?? {};
  const kinds = Object.keys(familyOf(config).family ?? {}) as Modality[];
  const weights = precisions.flatMap((precision) => weightFiles(files, graphFiles(files, precision, null)));
  const sizes = await Promise.all(weights.map((path) => realFile(repository, commit, path)));
  return {
    id,
    commit,
    revisions: Object.entries(record?.revisions ?? {})
      .filter(([, at]) => at === commit)
      .map(([name]) => name),
    folder,
    precisions,
    modality: kinds.length === 1 ? kinds[0]! : null,
    dim: dimOf(config),
    license: record?.commits[commit]?.license ?? null,
    bytes: sizes.reduce((sum, file) => sum + (file?.size ?? 0), 0),
  };
}

/** Names that families give to the length of a vector. */
const DIM_KEYS = ["projection_dim", "hidden_size", "d_model", "dim", "n_embd", "num_features"];

function dimOf(config: Readonly<Record<string, unknown>>): number | null {
  const named = DIM_KEYS.map((key) => config[key]).find((value) => typeof value === "number");
  const stages = config.hidden_sizes;
  const last: unknown = Array.isArray(stages) ? stages.at(-1) : null;
  return (named as number | undefined) ?? (typeof last === "number" ? last : null);
}
