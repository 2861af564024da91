import { utimes } from "node:fs/promises";
import { join } from "node:path";
import type { Backbone } from "../../backbones/backbone.js";
import { messageOf } from "../../core/errors.js";
import { makeFolder } from "../../core/make-folder.js";
import { seenIds } from "../../data/seen-ids.js";
import { hashKey } from "../engine/open-window.js";
import { keepCard } from "./backbone-card.js";
import { mergeSmallSegments } from "./merge-segments.js";
import { evictSegments } from "./prune-cache.js";
import { salvageSegments } from "./salvage-segments.js";
import { listSegments, segmentPaths, vectorsFolder } from "./segment-names.js";
import { openSegment, type Segment } from "./segment-reader.js";
import { beginSegment, type SegmentWriter } from "./segment-writer.js";
import type { VectorStore } from "./vector-store.js";

/** What the cache takes at most by default: 5 GB. */
export const DEFAULT_CACHE_BYTES = 5e9;

/** At this size a segment is finished and the next begun. */
const FULL_BYTES = 64e6;

/**
 * The vectors of one backbone that earlier runs computed, as they were at `asOf`, and a place for those of this run, which
 * does not see them. Whatever fails here costs time only and throws nothing.
 */
export interface VectorCache extends VectorStore {
  /** Why vectors of this run are not kept; null where they are. */
  readonly problem: string | null;
  /** Finishes what was added, marks what was used, and removes the least recently used beyond the limit. */
  close(): Promise<void>;
}

/**
 * Opens the cache of a backbone's vectors. A run sees what was there when it began and nothing newer, not even what it
 * added itself before it was killed: so a run that is continued batches its rows as if it had never stopped.
 * @param asOf - when the run began: milliseconds since 1970.
 * @param maxBytes - of the whole cache, all backbones together.
 */
export async function openVectorCache(
  backbone: Pick<Backbone, "fingerprint" | "spec">,
  { asOf, maxBytes = DEFAULT_CACHE_BYTES }: { readonly asOf: number; readonly maxBytes?: number },
): Promise<VectorCache> {
  const { dim } = backbone.spec;
  const folder = join(vectorsFolder(), backbone.fingerprint);
  let problem: string | null = null;
  const attempt = async <T>(work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (thrown) {
      problem ??= `${folder}: ${messageOf(thrown)}`;
      return null;
    }
  };
  const segments = (await attempt(() => visibleSegments(folder, dim, asOf))) ?? [];
  // One that was damaged is written again by whoever knows what belongs there.
  if (segments.length > 0) await keepCard(folder, backbone.spec).catch(() => undefined);
  const used = new Set<string>();
  let writer: { readonly segment: SegmentWriter; readonly paths: ReturnType<typeof segmentPaths> } | null =
    null;
  let closed = false;
  let added = 0;
  let known = seenIds();

  const finishWriter = async (): Promise<void> => {
    if (writer === null) return;
    const { segment, paths } = writer;
    writer = null;
    known = seenIds();
    added += segment.bytes;
    await attempt(() => segment.finish(paths.finished, Date.now()));
    paths.release();
  };
  const dropWriter = async (): Promise<void> => {
    if (writer === null) return;
    const { segment, paths } = writer;
    writer = null;
    await segment.discard().catch(() => undefined);
    paths.release();
  };

  return {
    get problem() {
      return problem;
    },
    async lookup(hashes) {
      const found = new Array<Float32Array | null>(hashes.length).fill(null);
      let missing = hashes.map((_, i) => i);
      for (const segment of segments) {
        if (missing.length === 0) break;
        const read = await segment.read(missing.map((i) => hashes[i]!));
        missing.forEach((i, j) => {
          found[i] = read[j]!;
        });
        const left = missing.filter((i) => found[i] === null);
        if (left.length < missing.length) used.add(segment.path);
        missing = left;
      }
      return found;
    },
    async add(hashes, vectors) {
      if (problem !== null || added + (writer?.segment.bytes ?? 0) > maxBytes) return;
      const fresh = hashes.flatMap((hash, i) => (known.firstLine(hashKey(hash), 1) === null ? [i] : []));
      if (fresh.length === 0) return;
      const wrote = await attempt(async () => {
        writer ??= await beginWriter(folder, backbone);
        await writer.segment.append(
          fresh.map((i) => hashes[i]!),
          fresh.map((i) => vectors[i]!),
        );
        return true;
      });
      if (wrote === null) await dropWriter();
      else if (writer!.segment.bytes >= FULL_BYTES || !writer!.segment.takes(2 ** 17)) {
        await finishWriter();
        await attempt(() => evictSegments(maxBytes));
      }
    },
    async close() {
      if (closed) return;
      closed = true;
      await finishWriter();
      await attempt(async () => {
        const now = new Date();
        for (const path of used) await utimes(path, now, now).catch(() => undefined);
        await mergeSmallSegments(folder, dim);
        await evictSegments(maxBytes);
      });
    },
  };
}

/** The segments that were finished by `asOf`, those of killed processes among them. */
async function visibleSegments(folder: string, dim: number, asOf: number): Promise<Segment[]> {
  await salvageSegments(folder);
  const { finished } = await listSegments(folder);
  const segments: Segment[] = [];
  for (const { path } of finished) {
    const segment = await openSegment(path, dim);
    if (segment !== null && segment.trailer.finished <= asOf) segments.push(segment);
  }
  return segments;
}

async function beginWriter(folder: string, backbone: Pick<Backbone, "fingerprint" | "spec">) {
  await makeFolder(folder);
  await keepCard(folder, backbone.spec);
  const paths = segmentPaths(folder);
  return { segment: await beginSegment(paths.open, backbone.spec.dim), paths };
}
