import { HeadstartError } from "../../core/errors.js";
import { throwIfInterrupted } from "../../core/interrupted.js";
import { seenIds } from "../../data/seen-ids.js";
import { isOfShard } from "../../data/shard.js";
import type { EmbeddedRows } from "../file/embedded-rows.js";
import { fileBatches } from "../file/file-batches.js";
import type { ShardRecord } from "../file/schema.js";
import { inOrder, type PlacedBatch } from "./in-order.js";
import type { MergeInput } from "./merge-inputs.js";
import { rowCollector } from "./row-collector.js";

/** What reading needs beside the files. */
export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the rows read so far. */
  readonly onRows?: (rows: number) => void;
}

/** The rows of files without shards, one file after the other. */
export interface PlainReading extends ReadOptions {
  /** What a row is whose id came before: an error, or left out. */
  readonly onDuplicate: "fail" | "first";
  /** Called for each row that is left out. */
  readonly onSkipped?: (() => void) | undefined;
}

/**
 * The rows of one file after the other.
 * @throws {HeadstartError} `data` for an id that came before, under `onDuplicate: "fail"`.
 */
export async function* concatenated(
  inputs: readonly MergeInput[],
  { onDuplicate, onSkipped, signal, onRows }: PlainReading,
): AsyncGenerator<EmbeddedRows> {
  const seen = seenIds();
  const starts: number[] = [];
  let read = 0;
  const { meta } = inputs[0]!.file;
  const collector = rowCollector(meta.backbone.dim, [...meta.kept.keys()]);
  for (const { path, file } of inputs) {
    starts.push(read);
    for await (const rows of fileBatches(path, file)) {
      throwIfInterrupted(signal);
      for (const [at, id] of rows.ids.entries()) {
        const first = seen.firstLine(id, ++read);
        if (first === null) {
          collector.add(rows, at);
          if (collector.isFull) yield collector.take();
        } else if (onDuplicate === "fail") {
          const other = inputs[starts.findLastIndex((start) => start < first)]!.path;
          throw new HeadstartError("data", `The id '${id}' of ${path} is in ${other} too`, {
            facts: { id, path, other },
            hint: "Ids are unique. To keep the first of such rows: --on-duplicate first.",
          });
        } else onSkipped?.();
      }
      onRows?.(read);
    }
  }
  if (collector.size > 0) yield collector.take();
}

/**
 * The rows of all shards in the order of the input.
 * @throws {HeadstartError} `data` for a row that does not belong to its shard, and for places that are not ascending.
 */
export async function* interleaved(
  inputs: readonly MergeInput[],
  records: readonly ShardRecord[],
  { signal, onRows }: ReadOptions,
): AsyncGenerator<EmbeddedRows> {
  const { meta } = inputs[0]!.file;
  const { position } = records[0]!;
  const kept = [...meta.kept.keys()].filter((j) => meta.kept[j]!.name !== position);
  const collector = rowCollector(meta.backbone.dim, kept);
  let read = 0;
  for await (const { batch, at } of inOrder(inputs.map((input, i) => placedRows(input, records[i]!)))) {
    collector.add(batch, at);
    read++;
    if (collector.isFull) {
      throwIfInterrupted(signal);
      onRows?.(read);
      yield collector.take();
    }
  }
  if (collector.size > 0) yield collector.take();
}

/** The batches of one shard with the rows' places in the input. */
async function* placedRows(
  { path, file }: MergeInput,
  record: ShardRecord,
): AsyncGenerator<PlacedBatch<EmbeddedRows>> {
  const column = file.meta.kept.findIndex(({ name }) => name === record.position);
  let last = -1;
  for await (const batch of fileBatches(path, file)) {
    const places = batch.kept[column]!.map(Number);
    for (const [i, place] of places.entries()) {
      const id = batch.ids[i]!;
      if (
        batch.kept[column]![i] === null ||
        place <= last ||
        place >= record.rows ||
        !isOfShard(id, record)
      ) {
        throw new HeadstartError("data", `${path} has been changed: its row '${id}' does not belong there`, {
          facts: { path, id, place },
          hint: "Embed the shard again.",
        });
      }
      last = place;
    }
    yield { batch, places };
  }
}
