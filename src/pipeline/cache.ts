import { HeadstartError } from "../core/errors.js";
import { type CachedBackbone, cacheContents } from "../embeddings/cache/cache-contents.js";
import { type Pruned, pruneCache } from "../embeddings/cache/prune-cache.js";
import { vectorsFolder } from "../embeddings/cache/segment-names.js";
import { checkCacheSettings } from "./cache-settings.js";

/** What the cache of vectors holds. */
export interface CacheStats {
  readonly folder: string;
  readonly vectors: number;
  readonly bytes: number;
  /** The largest first; `used` is ISO 8601, UTC. */
  readonly backbones: readonly (Omit<CachedBackbone, "used"> & { readonly used: string | null })[];
}

export interface CachePruneOptions {
  /** What was not used for so long. */
  readonly olderThanSeconds?: number;
  /** After that, the least recently used until no more than this is left of what the other options are about. */
  readonly maxBytes?: number;
  /** Only of this backbone: its name, or at least four digits that its fingerprint begins with. */
  readonly backbone?: string;
  /** Everything. */
  readonly all?: boolean;
}

export interface CachePruneResult extends Pruned {
  /** Bytes that remain in the whole cache. */
  readonly left: number;
}

/**
 * What the cache of vectors holds, by backbone.
 * @throws {HeadstartError} `usage` if the environment's settings of the cache are none.
 */
export async function cacheStats(): Promise<CacheStats> {
  await checkCacheSettings();
  const backbones = await cacheContents();
  const sum = (value: (one: CachedBackbone) => number): number =>
    backbones.reduce((total, one) => total + value(one), 0);
  return {
    folder: vectorsFolder(),
    vectors: sum(({ vectors }) => vectors),
    bytes: sum(({ bytes }) => bytes),
    backbones: backbones.map((one) => ({
      ...one,
      used: one.used === null ? null : new Date(one.used).toISOString(),
    })),
  };
}

/**
 * Removes vectors from the cache. They are never asked for again, only computed again.
 * @throws {HeadstartError} `usage` if it is not said which, if the cache knows no such backbone, or for settings as
 * `cacheStats`.
 */
export async function cachePrune(options: CachePruneOptions): Promise<CachePruneResult> {
  const { olderThanSeconds, maxBytes, backbone, all } = options;
  const chosen = [olderThanSeconds, maxBytes, backbone].filter((one) => one !== undefined).length;
  if (chosen === 0 && all !== true) {
    throw new HeadstartError("usage", "It is not said what to remove from the cache", {
      hint: "Choose by --older-than, --max-size or --backbone; --all removes everything.",
    });
  }
  if (chosen > 0 && all === true) {
    throw new HeadstartError("usage", "--all removes everything: it goes with none of the other choices");
  }
  await checkCacheSettings();
  const pruned = await pruneCache({
    ...(backbone !== undefined && { fingerprints: await fingerprintsOf(backbone) }),
    ...(olderThanSeconds !== undefined && { usedBefore: Date.now() - 1000 * olderThanSeconds }),
    ...(maxBytes !== undefined && { maxBytes }),
  });
  const left = (await cacheContents()).reduce((sum, { bytes }) => sum + bytes, 0);
  return { ...pruned, left };
}

async function fingerprintsOf(backbone: string): Promise<string[]> {
  const known = await cacheContents();
  const isPrefix = /^[0-9a-f]{4,64}$/.test(backbone);
  const found = known.filter(
    (one) => one.backbone === backbone || (isPrefix && one.fingerprint.startsWith(backbone)),
  );
  if (found.length > 0) return found.map(({ fingerprint }) => fingerprint);
  const names = [...new Set(known.map((one) => one.backbone ?? one.fingerprint))];
  throw new HeadstartError("usage", `The cache has no vectors of '${backbone}'`, {
    facts: { backbone, known: names },
    hint: names.length === 0 ? "The cache is empty." : `It has those of: ${names.join(", ")}`,
  });
}
