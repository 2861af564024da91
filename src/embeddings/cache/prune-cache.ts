import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type CachedSegment, cachedFingerprints, cachedSegments } from "./cache-contents.js";
import { BACKBONE_FILE, isAbandoned, vectorsFolder } from "./segment-names.js";

/** What is removed from the cache; what several of these are about must meet them all, but for `maxBytes`. */
export interface PruneOptions {
  /** Only of these backbones. */
  readonly fingerprints?: readonly string[];
  /** What was last used before this time: milliseconds since 1970. */
  readonly usedBefore?: number;
  /** After that, the least recently used until no more than this is left. */
  readonly maxBytes?: number;
}

/** What was removed. */
export interface Pruned {
  readonly segments: number;
  readonly bytes: number;
}

/**
 * Removes segments: the chosen ones, and damaged ones in any case. Those that a living process is writing are left alone.
 * Without `usedBefore` and `maxBytes`, all of the chosen backbones.
 */
export async function pruneCache(options: PruneOptions): Promise<Pruned> {
  const now = Date.now();
  const { fingerprints, usedBefore, maxBytes } = options;
  const all = (await cachedSegments(true)).filter(
    (segment) => segment.state !== "open" || isAbandoned(segment, now),
  );
  const scope = all.filter(({ fingerprint }) => fingerprints?.includes(fingerprint) ?? true);
  const everything = usedBefore === undefined && maxBytes === undefined;
  const doomed = new Set(
    scope.filter(({ used }) => everything || (usedBefore !== undefined && used < usedBefore)),
  );
  for (const segment of all) if (segment.state === "damaged") doomed.add(segment);
  if (maxBytes !== undefined) {
    for (const segment of beyond(
      scope.filter((one) => !doomed.has(one)),
      maxBytes,
    ))
      doomed.add(segment);
  }
  const pruned = await remove([...doomed]);
  await removeEmptyFolders();
  return pruned;
}

/** Removes the least recently used segments, whatever their backbone, until the cache holds `maxBytes` at most. */
export async function evictSegments(maxBytes: number): Promise<void> {
  const finished = (await cachedSegments(false)).filter(({ state }) => state === "finished");
  await remove(beyond(finished, maxBytes));
}

/** The least recently used segments without which the others have `maxBytes` at most. */
function beyond(segments: readonly CachedSegment[], maxBytes: number): CachedSegment[] {
  const oldestFirst = [...segments].sort((a, b) => a.used - b.used);
  let total = segments.reduce((sum, { bytes }) => sum + bytes, 0);
  const chosen: CachedSegment[] = [];
  for (const segment of oldestFirst) {
    if (total <= maxBytes) break;
    chosen.push(segment);
    total -= segment.bytes;
  }
  return chosen;
}

async function remove(segments: readonly CachedSegment[]): Promise<Pruned> {
  let bytes = 0;
  for (const segment of segments) {
    await rm(segment.path, { force: true });
    bytes += segment.bytes;
  }
  return { segments: segments.length, bytes };
}

/** A backbone without a vector leaves nothing behind. */
async function removeEmptyFolders(): Promise<void> {
  for (const fingerprint of await cachedFingerprints()) {
    const folder = join(vectorsFolder(), fingerprint);
    const names = await readdir(folder).catch(() => [BACKBONE_FILE, ""]);
    if (names.every((name) => name === BACKBONE_FILE)) await rm(folder, { recursive: true, force: true });
  }
}
