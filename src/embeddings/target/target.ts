import { stat } from "node:fs/promises";
import type { Backbone } from "../../backbones/backbone.js";
import { HeadstartError } from "../../core/errors.js";
import { systemCode } from "../../core/system-code.js";
import { type SeenIds, seenIds } from "../../data/seen-ids.js";
import { openEmbeddings } from "../file/open-embeddings.js";
import { type EmbeddingsMeta, HASH_BYTES } from "../file/schema.js";
import { noteClasses, type SeenClasses } from "../file/seen-classes.js";
import { fileBatches } from "../file/stream-embeddings.js";

/** An embeddings file that a run builds on, known but for its vectors: about 60 bytes a row in memory. */
export interface Target {
  readonly path: string;
  readonly meta: EmbeddingsMeta;
  readonly rows: number;
  readonly seen: SeenClasses;
  /** The number of the row with this id, from 0; null if it has none. */
  rowOf(id: string): number | null;
  /** The content hash of a row. */
  hashOf(row: number): Uint8Array;
  /** Tells whether it is still the same file: size and time of its last change. */
  readonly stamp: string;
}

/**
 * Reads what a target has.
 * @returns null where there is none.
 * @throws {HeadstartError} `fingerprint` if its vectors come from another backbone; `format` if it is no embeddings file.
 */
export async function readTarget(path: string, { fingerprint, spec }: Backbone): Promise<Target | null> {
  const stamp = await stampOf(path);
  if (stamp === null) return null;
  const file = await openEmbeddings(path);
  try {
    const { meta } = file;
    if (meta.fingerprint !== fingerprint) {
      const [has, would] = [meta.fingerprint.slice(0, 12), fingerprint.slice(0, 12)];
      throw new HeadstartError(
        "fingerprint",
        `${path} has vectors of ${meta.backbone.id} (fingerprint ${has}); these would be of ${spec.id} (${would})`,
        {
          facts: { path, expected: meta.fingerprint, actual: fingerprint },
          hint: "Vectors of different backbones or options cannot stand in one file: embed all of it anew, or choose another output.",
        },
      );
    }
    const ids: SeenIds = seenIds();
    const seen: SeenClasses = { labels: new Set(), splits: new Set() };
    const hashes: Uint8Array[] = [];
    const firstRows: number[] = [];
    let rows = 0;
    for await (const batch of fileBatches(path, file)) {
      batch.ids.forEach((id, i) => {
        ids.firstLine(id, rows + i + 1);
      });
      noteClasses(seen, batch);
      hashes.push(batch.hashes.slice());
      firstRows.push(rows);
      rows += batch.ids.length;
    }
    const all = Buffer.concat(hashes);
    return Object.freeze({
      path,
      meta,
      rows,
      seen,
      stamp,
      rowOf(id: string) {
        const line = ids.lineOf(id);
        return line === null ? null : line - 1;
      },
      hashOf: (row: number) => all.subarray(row * HASH_BYTES, (row + 1) * HASH_BYTES),
    });
  } finally {
    await file.close();
  }
}

async function stampOf(path: string): Promise<string | null> {
  try {
    const { size, mtimeMs } = await stat(path);
    return `${size}-${mtimeMs}`;
  } catch (thrown) {
    if (systemCode(thrown) === "ENOENT") return null;
    throw thrown;
  }
}
