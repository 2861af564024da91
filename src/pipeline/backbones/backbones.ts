import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { BackboneSpec, Modality, Precision } from "../../backbones/backbone.js";
import type { BackboneOptions } from "../../backbones/backbone-options.js";
import { embeddedFolder, embeddedIds, embeddedManifest } from "../../backbones/embedded.js";
import { externalDataFiles } from "../../backbones/graph-file.js";
import { type CachedCheckpoint, cachedCheckpoints } from "../../backbones/hub/cached-checkpoints.js";
import type { Manifest } from "../../backbones/manifest.js";
import { openCheckpoint } from "../../backbones/open-checkpoint.js";
import { resolveBackbone } from "../../backbones/resolve-backbone.js";
import { type Tap, tappable } from "../../backbones/tappable.js";
import type { BackboneSummary } from "../types.js";

/** A backbone that is on this machine, as far as it can be told without reading its graph. */
export interface ListedBackbone extends Omit<BackboneSummary, "modality" | "dim"> {
  /** Null where the family is unknown or reads several kinds of content. */
  readonly modality: Modality | null;
  /** Null where the configuration does not say. */
  readonly dim: number | null;
  readonly state: "embedded" | "cached";
  /** Null for an embedded one. */
  readonly commit: string | null;
  /** Branches and tags that were pulled as this commit. */
  readonly revisions: readonly string[];
  readonly precisions: readonly Precision[];
}

/** The embedded backbones, then those in the Hub's cache; sorted by id. */
export async function listBackbones(): Promise<ListedBackbone[]> {
  const manifests = await Promise.all((await embeddedIds()).map(embeddedManifest));
  const embedded = manifests.filter((manifest) => manifest !== null);
  return [
    ...embedded.map((manifest) => ({
      ...summaryOf(manifest),
      state: "embedded" as const,
      commit: null,
      revisions: [],
      precisions: [manifest.precision],
    })),
    ...(await cachedCheckpoints()).map(listedOf),
  ];
}

/** How a backbone is to be shown: which export, which side, which commit. */
export type ShowOptions = Pick<
  BackboneOptions,
  "revision" | "precision" | "modality" | "onProgress" | "signal"
>;

export interface ShownBackbone extends BackboneSummary {
  readonly spec: BackboneSpec;
  readonly fingerprint: string;
  readonly folder: string;
  /** What it reads; several of a network with several sides, of which `modality` is the one that is shown. */
  readonly sides: readonly Modality[];
  /** Tokens of a text that are read, and the most that can be asked for; null for other content. */
  readonly tokens: { readonly usual: number; readonly most: number } | null;
  /** What `--layer` can take; null where the graph does not run on small inputs. */
  readonly taps: readonly Tap[] | null;
}

/**
 * One backbone in full: an embedded one, a folder, or a Hub id, which is downloaded where it is not in the cache.
 * @throws {HeadstartError} `model` if it is not found or not understood.
 */
export async function showBackbone(id: string, options: ShowOptions = {}): Promise<ShownBackbone> {
  const { spec, fingerprint, origin, preprocessor } = await resolveBackbone(id, options);
  const { checkpoint } = await openCheckpoint(id, options);
  const manifest = await embeddedManifest(id);
  const summary = manifest
    ? summaryOf(manifest)
    : {
        id: spec.id,
        modality: spec.modality,
        dim: spec.dim,
        license: origin.license ?? "unknown",
        parameters: null,
        bytes: weightsOf(checkpoint.graph),
        source: origin.source ?? origin.folder,
        notes: [],
      };
  const taps = await tappable(id, options).catch(() => null);
  const tokens =
    preprocessor.kind === "text"
      ? { usual: preprocessor.maxTokens, most: preprocessor.limit ?? preprocessor.maxTokens }
      : null;
  return { ...summary, spec, fingerprint, folder: origin.folder, sides: checkpoint.sides, tokens, taps };
}

function summaryOf(manifest: Manifest): BackboneSummary {
  const { id, modality, dim, license, parameters, source, notes, weights } = manifest;
  const bytes = sizeOf(join(embeddedFolder(id), weights.file));
  return {
    id,
    modality,
    dim,
    license,
    parameters,
    bytes,
    source: `npm ${source.package}@${source.version}`,
    notes,
  };
}

function listedOf(cached: CachedCheckpoint): ListedBackbone {
  const { id, modality, dim, license, bytes, folder, commit, revisions, precisions } = cached;
  return {
    id,
    modality,
    dim,
    license: license ?? "unknown",
    parameters: null,
    bytes,
    source: folder,
    notes: [],
    state: "cached",
    commit,
    revisions,
    precisions,
  };
}

/** Bytes of a graph, and of the weights beside it. */
function weightsOf(graph: string): number {
  const folder = dirname(graph);
  const files = [basename(graph), ...externalDataFiles(readdirSync(folder), basename(graph))];
  return files.reduce((sum, file) => sum + (sizeOf(join(folder, file)) ?? 0), 0);
}

function sizeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.size ?? null;
}
