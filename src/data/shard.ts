import { createHash } from "node:crypto";
import { HeadstartError } from "../core/errors.js";
import { canonicalJson } from "../core/hash.js";
import { OWN_PREFIX } from "./kept-columns.js";
import type { Dataset, RejectedRow, Row } from "./row.js";

/** Which part of the rows is taken: the `index`th of `count`, from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** What is known about the whole data set once its rows have been read to their end. */
export interface WholeDataset {
  /** Rows of all shards, those that cannot be used included. */
  readonly rows: number;
  /** Of the rows' ids in order and of how they were read: equal on every machine that reads the same rows alike. */
  readonly digest: string;
  /** Of the rows' contents, labels, splits and kept columns in order; of files of images and sounds, their sizes. */
  readonly contents: string;
}

/** Told of what a row holds, in the order of the rows, those of other shards included. */
export type NoteContents = (...parts: readonly unknown[]) => void;

/** A data set's share of its rows. */
export interface DatasetShard extends Shard {
  /** Null until the rows have been read to their end. */
  whole(): WholeDataset | null;
}

/** A row that belongs to another shard, and so was not looked into. */
export interface ElsewhereRow {
  readonly state: "elsewhere";
  readonly id: string;
}

/** The column of a shard's file with each row's place among all rows of the input, from 0. */
export const POSITION_COLUMN = `${OWN_PREFIX}position`;

/** @throws {HeadstartError} `usage` unless 1 ≤ index ≤ count, in whole numbers, count 65,536 at most. */
export function checkShard({ index, count }: Shard): void {
  const fits = (value: number, most: number) => Number.isInteger(value) && value >= 1 && value <= most;
  if (fits(count, 65_536) && fits(index, count)) return;
  throw new HeadstartError("usage", `There is no shard ${index} of ${count}`, {
    facts: { index, count },
    hint: "Shards are numbered from 1: 1/3, 2/3 and 3/3.",
  });
}

/** Whether an id belongs to a shard: by its hash, so the same in every run, on every machine, in whatever company. */
export function isOfShard(id: string, { index, count }: Shard): boolean {
  // A sample is chosen by the first four bytes; these are others, so that a shard of a sample is a fair one.
  return createHash("sha256").update(id).digest().readUInt32BE(4) % count === index - 1;
}

/**
 * A data set of which only the rows of one shard are given, each with its place among all of them, as a further kept
 * column and for rejected rows beside their reason.
 * @param rows - of all shards; those of others may come as `elsewhere`. It tells `note` what each row holds.
 * @param reading - what of the options decides how rows are read.
 */
export function shardDataset(
  dataset: Omit<Dataset, "rows">,
  shard: Shard,
  reading: unknown,
  rows: (note: NoteContents) => AsyncIterable<Row | RejectedRow | ElsewhereRow>,
): Dataset {
  const { modality, columns, kept } = dataset;
  let whole: WholeDataset | null = null;
  return Object.freeze({
    ...dataset,
    count: null,
    kept: [...kept, { name: POSITION_COLUMN, type: "int64" as const }],
    shard: { ...shard, whole: () => whole },
    async *rows() {
      const digest = createHash("sha256").update(canonicalJson({ modality, columns, kept, reading }));
      const contents = createHash("sha256");
      let position = 0;
      const note: NoteContents = (...parts) => {
        for (const part of partsOf(parts)) contents.update(`\n${part.length}:`).update(part);
      };
      for await (const row of rows(note)) {
        digest.update(`\n${row.id.length}:${row.id}`);
        const at = position++;
        if (row.state === "elsewhere" || !isOfShard(row.id, shard)) continue;
        if (row.state === "rejected") yield { ...row, position: at };
        else yield { ...row, kept: [...(row.kept ?? []), BigInt(at)], position: at };
      }
      whole = { rows: position, digest: digest.digest("hex"), contents: contents.digest("hex") };
    },
  });
}

/** What a cell holds, as texts and bytes; nothing is an empty text. */
function* partsOf(value: unknown): Generator<string | Uint8Array> {
  if (typeof value === "string" || value instanceof Uint8Array) yield value;
  else if (value === null || value === undefined) yield "";
  else if (value instanceof Date) yield String(value.getTime());
  else if (Array.isArray(value)) for (const inner of value) yield* partsOf(inner);
  else if (typeof value === "object") yield* partsOf(Object.entries(value).flat());
  else yield String(value);
}
