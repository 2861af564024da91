import { type FileHandle, rename, rm } from "node:fs/promises";
import { HeadstartError } from "../../core/errors.js";
import type { OnProgress } from "../../core/progress.js";
import { ioError } from "../file/io-error.js";
import { lockTarget } from "../file/lock-file.js";
import type { EmbeddingsMeta, ShardRecord } from "../file/schema.js";
import { noteClasses, type SeenClasses } from "../file/seen-classes.js";
import { writeBatches } from "../file/write-batches.js";
import { writeFlushed } from "../file/write-flushed.js";
import { checkShards } from "./check-shards.js";
import { inOrder } from "./in-order.js";
import { type MergeInput, openMergeInputs } from "./merge-inputs.js";
import { concatenated, interleaved } from "./read-inputs.js";
import { shardRejects } from "./shard-rejects.js";

export interface MergeOptions {
  /** Embeddings files: all shards of one data set, or files of one fingerprint. */
  readonly inputs: readonly string[];
  /** The file to write. */
  readonly out: string;
  /** Of files that are no shards, what an id that came before does: end the merge (default), or its row is left out. */
  readonly onDuplicate?: "fail" | "first";
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

export interface MergeSummary {
  readonly out: string;
  readonly rows: number;
  /** Rows that were left out, as their ids came before. */
  readonly duplicates: number;
  readonly rejects: number;
  /** Of shards: `<out>.rejects.jsonl`, the rejected rows of all in the order of the input; null where there is none. */
  readonly rejectsFile: string | null;
  readonly files: number;
  /** Whether the files were shards, and the input's order was restored. */
  readonly sharded: boolean;
  readonly dim: number;
  readonly fingerprint: string;
}

/**
 * Makes one embeddings file of several. Shards give back the order of their input, and the file that a single run would
 * have written, in every value but what batching rounds; other files follow one another. Everything is checked before
 * anything is written: all files are read twice, and one batch of each is in memory.
 * @throws {HeadstartError} `data` and `fingerprint`, naming the file: a shard that is missing, there twice, of another
 * data set, changed or unfinished; files with other columns or vectors; an id in two files. `io`, `format`, `interrupted`.
 */
export async function mergeEmbeddings(options: MergeOptions): Promise<MergeSummary> {
  const { inputs: paths, out, onDuplicate = "fail" } = options;
  if (paths.length === 0) throw new HeadstartError("usage", "There are no files to merge");
  if (onDuplicate !== "fail" && onDuplicate !== "first") {
    throw new HeadstartError("usage", `A duplicate id is to fail or first, got ${onDuplicate}`);
  }
  const unlock = await lockTarget(out);
  try {
    const inputs = await openMergeInputs(paths);
    try {
      return await mergeOpen(inputs, options);
    } finally {
      for (const { file } of inputs) await file.close();
    }
  } finally {
    await unlock();
  }
}

async function mergeOpen(inputs: readonly MergeInput[], options: MergeOptions): Promise<MergeSummary> {
  const { out, onDuplicate = "fail", onProgress, signal } = options;
  const records = checkShards(inputs);
  const rejects = (records ?? []).reduce((sum, record) => sum + record.rejects, 0);
  const total = records === null ? {} : { total: 2 * (records[0]!.rows - rejects) };
  let before = 0;
  let duplicates = 0;
  const onRows = (read: number) =>
    onProgress?.({ stage: "merge", done: before + read, unit: "rows", ...total });
  const read = (onSkipped?: () => void) =>
    records === null
      ? concatenated(inputs, { onDuplicate, onSkipped, signal, onRows })
      : interleaved(inputs, records, { signal, onRows });

  const seen: SeenClasses = { labels: new Set(), splits: new Set() };
  let rows = 0;
  for await (const batch of read(() => duplicates++)) {
    rows += batch.ids.length;
    noteClasses(seen, batch);
  }
  if (records !== null) checkCount(inputs, records, rows);
  before = rows + duplicates;
  const meta = mergedMeta(inputs, records);
  const rejectsFile = `${out}.rejects.jsonl`;
  const temporary = `${out}.part.merged`;
  try {
    await writeFlushed(`${temporary}.rejects`, (handle) => writeRejects(handle, inputs, records ?? []));
    await writeFlushed(temporary, (handle) => writeBatches(handle, read(), meta, seen));
    if (rejects > 0) await rename(`${temporary}.rejects`, rejectsFile);
    else await rm(rejectsFile, { force: true });
    await rename(temporary, out);
  } catch (thrown) {
    throw thrown instanceof HeadstartError ? thrown : ioError("write", out, thrown);
  } finally {
    for (const path of [temporary, `${temporary}.rejects`])
      await rm(path, { force: true }).catch(() => undefined);
  }
  return Object.freeze({
    out,
    rows,
    duplicates,
    rejects,
    rejectsFile: rejects > 0 ? rejectsFile : null,
    files: inputs.length,
    sharded: records !== null,
    dim: meta.backbone.dim,
    fingerprint: meta.fingerprint,
  });
}

/** Rows that were lost on the way, or added, would not be noticed otherwise. */
function checkCount(inputs: readonly MergeInput[], records: readonly ShardRecord[], rows: number): void {
  const rejects = records.reduce((sum, record) => sum + record.rejects, 0);
  const expected = records[0]!.rows;
  if (rows + rejects === expected) return;
  throw new HeadstartError(
    "data",
    `The shards have ${rows} rows and ${rejects} rejected ones, but their input has ${expected}`,
    {
      facts: { rows, rejects, expected, files: inputs.map(({ path }) => path) },
      hint: "One of them has been changed since: embed them again.",
    },
  );
}

/** What all files say; of shards, that of the whole. */
function mergedMeta(inputs: readonly MergeInput[], records: readonly ShardRecord[] | null): EmbeddingsMeta {
  const metas = inputs.map(({ file }) => file.meta);
  const { shard: _, ...first } = metas[0]!;
  const position = records?.[0]?.position;
  const datasets = [...new Set(metas.map(({ dataset }) => dataset))];
  return {
    ...first,
    dataset: records === null ? datasets.join(", ") : first.dataset,
    created: metas.map(({ created }) => created).sort()[0]!,
    kept: first.kept.filter(({ name }) => name !== position),
    extra: Object.fromEntries(
      Object.entries(first.extra).filter(([key, value]) => metas.every(({ extra }) => extra[key] === value)),
    ),
  };
}

async function writeRejects(
  handle: FileHandle,
  inputs: readonly MergeInput[],
  records: readonly ShardRecord[],
): Promise<void> {
  const sources = records.map((record, i) => shardRejects(inputs[i]!.path, record));
  let held = "";
  for await (const { batch, at } of inOrder(sources)) {
    held += batch[at]!;
    if (held.length > 2 ** 16) {
      await handle.writeFile(held);
      held = "";
    }
  }
  await handle.writeFile(held);
}
