import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "../../core/system-code.js";
import { readCard } from "./backbone-card.js";
import { readAt } from "./read-records.js";
import { decodeHeader, FRAME_BYTES } from "./segment-format.js";
import { type CacheFile, listSegments, vectorsFolder } from "./segment-names.js";
import { readTrailer } from "./segment-reader.js";

/** What the cache holds of one backbone. */
export interface CachedBackbone {
  readonly fingerprint: string;
  /** As it was named when the first vector was kept; null where nobody knows. */
  readonly backbone: string | null;
  readonly dim: number | null;
  readonly vectors: number;
  readonly bytes: number;
  /** When a vector of it was last used or added: milliseconds since 1970; null where there is none. */
  readonly used: number | null;
  /** Finished segments that cannot be read; they are not believed, and removed by the next `prune`. */
  readonly damaged: number;
}

/** A finished segment or one under way, with what it belongs to. */
export interface CachedSegment extends CacheFile {
  readonly fingerprint: string;
  readonly state: "finished" | "damaged" | "open";
  readonly vectors: number;
  /** As its header says; null where that was not read or is damaged. */
  readonly dim: number | null;
}

/** Every segment of the cache. @param check - whether to look into each for its vectors and damage. */
export async function cachedSegments(check: boolean): Promise<CachedSegment[]> {
  const segments: CachedSegment[] = [];
  for (const fingerprint of await cachedFingerprints()) {
    const { finished, open: left } = await listSegments(join(vectorsFolder(), fingerprint));
    for (const file of finished) {
      const { vectors, dim } = check ? await lookInto(file.path) : { vectors: 0, dim: null };
      segments.push({
        ...file,
        fingerprint,
        state: vectors === null ? "damaged" : "finished",
        vectors: vectors ?? 0,
        dim,
      });
    }
    for (const file of left) segments.push({ ...file, fingerprint, state: "open", vectors: 0, dim: null });
  }
  return segments;
}

/** What the cache holds, by backbone, the largest first. */
export async function cacheContents(): Promise<CachedBackbone[]> {
  const segments = await cachedSegments(true);
  const contents: CachedBackbone[] = [];
  for (const fingerprint of await cachedFingerprints()) {
    const own = segments.filter((segment) => segment.fingerprint === fingerprint);
    const card = await readCard(join(vectorsFolder(), fingerprint));
    const sum = (value: (segment: CachedSegment) => number): number =>
      own.reduce((total, segment) => total + value(segment), 0);
    contents.push({
      fingerprint,
      backbone: card.backbone,
      dim: card.dim ?? own.find(({ dim }) => dim !== null)?.dim ?? null,
      vectors: sum(({ vectors }) => vectors),
      bytes: sum(({ bytes }) => bytes),
      used: own.length === 0 ? null : Math.max(...own.map(({ used }) => used)),
      damaged: sum(({ state }) => (state === "damaged" ? 1 : 0)),
    });
  }
  return contents.sort((a, b) => b.bytes - a.bytes);
}

export async function cachedFingerprints(): Promise<string[]> {
  try {
    const entries = await readdir(vectorsFolder(), { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  } catch (thrown) {
    if (systemCode(thrown) === "ENOENT") return [];
    throw thrown;
  }
}

/** What a finished segment holds: `vectors` null where it is damaged, none where it is gone. */
async function lookInto(path: string): Promise<{ vectors: number | null; dim: number | null }> {
  const handle = await open(path, "r").catch(() => null);
  if (handle === null) return { vectors: 0, dim: null };
  try {
    return {
      vectors: (await readTrailer(handle))?.count ?? null,
      dim: decodeHeader(await readAt(handle, 0, FRAME_BYTES)),
    };
  } finally {
    await handle.close();
  }
}
