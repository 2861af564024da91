import type { KeptCell } from "../../data/kept-columns.js";
import type { EmbeddedRows } from "../file/embedded-rows.js";
import { HASH_BYTES, MAX_BATCH_ROWS } from "../file/schema.js";

/** Gathers single rows of batches into batches of 4,096. */
export interface RowCollector {
  /** Copies row `at` of a batch; kept columns that are not wanted are left out. */
  add(rows: EmbeddedRows, at: number): void;
  /** Rows that are held. */
  readonly size: number;
  /** Whether it has to be taken before another is added. */
  readonly isFull: boolean;
  /** What was gathered; the next ones begin anew. */
  take(): EmbeddedRows;
}

/** @param kept - which of the kept columns are taken, by their places among them. */
export function rowCollector(dim: number, kept: readonly number[]): RowCollector {
  const vectors = new Float32Array(MAX_BATCH_ROWS * dim);
  const hashes = new Uint8Array(MAX_BATCH_ROWS * HASH_BYTES);
  const empty = () => ({
    ids: [] as string[],
    labels: [] as (string | null)[],
    splits: [] as (string | null)[],
    sources: [] as (string | null)[],
    kept: kept.map((): KeptCell[] => []),
  });
  let held = empty();
  return {
    add(rows, at) {
      const n = held.ids.length;
      vectors.set(rows.vectors.subarray(at * dim, (at + 1) * dim), n * dim);
      hashes.set(rows.hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES), n * HASH_BYTES);
      held.ids.push(rows.ids[at]!);
      held.labels.push(rows.labels[at]!);
      held.splits.push(rows.splits[at]!);
      held.sources.push(rows.sources[at]!);
      for (const [j, column] of held.kept.entries()) column.push(rows.kept[kept[j]!]![at]!);
    },
    get size() {
      return held.ids.length;
    },
    get isFull() {
      return held.ids.length === MAX_BATCH_ROWS;
    },
    take() {
      const taken = held;
      const n = taken.ids.length;
      held = empty();
      return { ...taken, vectors: vectors.subarray(0, n * dim), hashes: hashes.subarray(0, n * HASH_BYTES) };
    },
  };
}
