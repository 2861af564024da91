import type { KeptCell } from "../data/kept-columns.js";
import type { Matrix } from "../linalg/matrix.js";
import type { EmbeddedRows } from "./embedded-rows.js";
import { openEmbeddings } from "./open-embeddings.js";
import type { EmbeddingsMeta } from "./schema.js";
import { fileBatches, type ReadOptions } from "./stream-embeddings.js";

export { type EmbeddingsBatch, type ReadOptions, streamEmbeddings } from "./stream-embeddings.js";

/** A column of classes: for each row the index of its value, -1 where it has none. */
export interface Coded {
  readonly codes: Int32Array;
  /** Distinct values, sorted. */
  readonly values: readonly string[];
}

/** A whole embeddings file in memory. */
export interface Embeddings {
  readonly ids: readonly string[];
  readonly X: Matrix<Float32Array>;
  /** Null where no row has a label. */
  readonly labels: Coded | null;
  /** Null where no row belongs to a split. */
  readonly splits: Coded | null;
  readonly sources: readonly (string | null)[];
  /** The values of each of `meta.kept`; empty for columns that were not asked for. */
  readonly kept: readonly (readonly KeptCell[])[];
  readonly meta: EmbeddingsMeta;
}

/**
 * Reads an embeddings file: the vectors of a single batch as a view, of several copied into one matrix.
 * float16 vectors are widened to float32. Vectors are not checked for NaN.
 * @throws {HeadstartError} `io` if the file cannot be read; `format` if it is no Arrow file, cut short, damaged,
 * of another format version, or lacks a column.
 */
export async function readEmbeddings(path: string, options: ReadOptions = {}): Promise<Embeddings> {
  const file = await openEmbeddings(path);
  try {
    const dim = file.meta.backbone.dim;
    const ids: string[] = [];
    const sources: (string | null)[] = [];
    const labels = codeCollector();
    const splits = codeCollector();
    const kept: KeptCell[][] = file.meta.kept.map(() => []);
    // Vectors take nearly all of the file, so its size bounds them closely; untouched pages cost no memory.
    let data = new Float32Array(file.batches > 1 ? Math.ceil(file.size / 2 / dim) * dim : 0);
    for await (const batch of fileBatches(path, file, options)) {
      if (file.batches === 1) data = batch.vectors as Float32Array<ArrayBuffer>;
      else data.set(batch.vectors, ids.length * dim);
      append(ids, batch.ids);
      append(sources, batch.sources);
      for (const [j, values] of batch.kept.entries()) append(kept[j]!, values);
      labels.add(batch.labels);
      splits.add(batch.splits);
    }
    const X = { data: data.subarray(0, ids.length * dim), rows: ids.length, cols: dim };
    const classes = { labels: labels.done(), splits: splits.done() };
    return Object.freeze({ ids, X, ...classes, sources, kept, meta: file.meta });
  } finally {
    await file.close();
  }
}

/** `push(...more)` without its limit on arguments. */
function append<T>(all: T[], more: readonly T[]): void {
  for (const value of more) all.push(value);
}

/** Gathers a class column and numbers its values in sorted order. */
function codeCollector(): { add(values: EmbeddedRows["labels"]): void; done(): Coded | null } {
  const known = new Map<string, number>();
  const found: number[] = [];
  return {
    add(values) {
      for (const value of values) {
        let code = value === null ? -1 : known.get(value);
        if (code === undefined) {
          code = known.size;
          known.set(value as string, code);
        }
        found.push(code);
      }
    },
    done() {
      if (known.size === 0) return null;
      const values = [...known.keys()].sort();
      const renumbered = new Int32Array(known.size);
      values.forEach((value, code) => {
        renumbered[known.get(value)!] = code;
      });
      return { codes: Int32Array.from(found, (code) => (code < 0 ? -1 : renumbered[code]!)), values };
    },
  };
}
