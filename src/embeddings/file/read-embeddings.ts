import type { KeptCell } from "../../data/kept-columns.js";
import type { Matrix } from "../../linalg/matrix.js";
import type { EmbeddedRows } from "./embedded-rows.js";
import type { ReadOptions } from "./file-batches.js";
import { openBatches } from "./open-batches.js";
import type { EmbeddingsMeta } from "./schema.js";

export { type EmbeddingsBatch, streamEmbeddings } from "./stream-embeddings.js";
export type { ReadOptions };

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
 * @param path - an Arrow file, a stream in a file named `.arrows`, or `-` for stdin.
 * @throws {HeadstartError} `io` if the file cannot be read; `format` if it is no Arrow file, cut short, damaged,
 * of another format version, or lacks a column.
 */
export async function readEmbeddings(path: string, options: ReadOptions = {}): Promise<Embeddings> {
  const file = await openBatches(path, options);
  try {
    const dim = file.meta.backbone.dim;
    const ids: string[] = [];
    const sources: (string | null)[] = [];
    const labels = codeCollector();
    const splits = codeCollector();
    const kept: KeptCell[][] = file.meta.kept.map(() => []);
    // Vectors take nearly all of the file, so its size bounds them closely; untouched pages cost no memory.
    let data = new Float32Array(file.single ? 0 : Math.ceil((file.capacity ?? 0) / dim) * dim);
    for await (const batch of file.rows()) {
      if (file.single) data = batch.vectors as Float32Array<ArrayBuffer>;
      else {
        data = withRoom(data, ids.length * dim + batch.vectors.length);
        data.set(batch.vectors, ids.length * dim);
      }
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

/** The same numbers in at least twice the room, where there is too little. */
function withRoom(data: Float32Array<ArrayBuffer>, needed: number): Float32Array<ArrayBuffer> {
  if (needed <= data.length) return data;
  const larger = new Float32Array(Math.max(needed, 2 * data.length));
  larger.set(data);
  return larger;
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
