import { createReadStream } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { RecordBatchReader } from "apache-arrow";
import { HeadstartError, messageOf } from "../../core/errors.js";
import { copyPriorRejects } from "../target/prior-rejects.js";
import type { TargetPlan } from "../target/target-plan.js";
import { batchColumns } from "./batch-columns.js";
import { concatRows, type EmbeddedRows, sliceRows } from "./embedded-rows.js";
import { ioError } from "./io-error.js";
import { ipcEncoder } from "./ipc-encoder.js";
import type { PartPaths, PartState } from "./part-file.js";
import { classesOf, toRecordBatch } from "./record-batch.js";
import { type EmbeddingsMeta, embeddingsSchema, MAX_BATCH_ROWS } from "./schema.js";

/** Labels and splits that occur, gathered while rows are written. */
export interface SeenClasses {
  readonly labels: Set<string>;
  readonly splits: Set<string>;
}

export function noteClasses(seen: SeenClasses, rows: EmbeddedRows): void {
  for (const label of rows.labels) if (label !== null) seen.labels.add(label);
  for (const split of rows.splits) if (split !== null) seen.splits.add(split);
}

/**
 * The rows of a part file, a batch at a time.
 * @throws {HeadstartError} `format` if it is damaged, or holds another number of rows than `state` says.
 */
export async function* readPart(paths: PartPaths, state: PartState): AsyncGenerator<EmbeddedRows> {
  const handle = await open(paths.part, "r");
  let rows = 0;
  try {
    if (state.rows > 0) {
      const reader = await RecordBatchReader.from(handle);
      for await (const batch of reader) {
        rows += batch.numRows;
        yield batchColumns(batch);
      }
    }
    if (rows !== state.rows) throw new RangeError(`${rows} rows where ${state.rows} were written`);
  } catch (cause) {
    throw new HeadstartError("format", `The part file ${paths.part} is damaged: ${messageOf(cause)}`, {
      facts: { path: paths.part },
      hint: "Start again with --restart.",
      cause,
    });
  } finally {
    await handle.close();
  }
}

/** What a finished file is made of. */
export interface Finishing {
  readonly out: string;
  readonly rejectsFile: string;
  readonly paths: PartPaths;
  readonly state: PartState;
  readonly meta: EmbeddingsMeta;
  readonly seen: SeenClasses;
  /** The target that the run builds on; null where the part holds every row. */
  readonly plan: TargetPlan | null;
}

/**
 * Turns a part file into the finished file: written beside it a batch at a time, flushed, renamed.
 * Whoever opens `out` sees the old file or all of the new one. The rejects file follows the same way.
 * A target that would get no row is left as it is.
 * @returns whether there are rejected rows, of this run or of earlier ones.
 */
export async function finishFile(finishing: Finishing): Promise<boolean> {
  const { out, rejectsFile, paths, state, plan } = finishing;
  const temporary = `${out}.part.finished`;
  try {
    const changes = state.rows > 0 || plan?.keepsRows !== true;
    if (changes) await writeFlushed(temporary, (handle) => writeBatches(handle, finishing));
    let rejects = state.rejects;
    await writeFlushed(`${temporary}.rejects`, async (handle) => {
      if (plan?.keepsRejects) rejects += await copyPriorRejects(rejectsFile, paths.rejects, handle);
      for await (const piece of createReadStream(paths.rejects)) await handle.writeFile(piece as Buffer);
    });
    if (rejects > 0) await rename(`${temporary}.rejects`, rejectsFile);
    else for (const path of [`${temporary}.rejects`, rejectsFile]) await rm(path, { force: true });
    if (changes) await rename(temporary, out);
    return rejects > 0;
  } catch (thrown) {
    for (const path of [temporary, `${temporary}.rejects`])
      await rm(path, { force: true }).catch(() => undefined);
    throw thrown instanceof HeadstartError ? thrown : ioError("write", out, thrown);
  }
}

async function writeFlushed(path: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(path, "w");
  try {
    await write(handle);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeBatches(
  handle: FileHandle,
  { paths, state, meta, seen, plan }: Finishing,
): Promise<void> {
  const schema = embeddingsSchema(meta, "dictionary");
  const classes = { label: classesOf(seen.labels), split: classesOf(seen.splits) };
  const encoder = ipcEncoder(schema, "file");
  await handle.writeFile(encoder.head());
  const embedded = readPart(paths, state);
  for await (const rows of regroup(plan?.rows(embedded) ?? embedded, MAX_BATCH_ROWS)) {
    await handle.writeFile(encoder.batch(toRecordBatch(schema, rows, classes)));
  }
  await handle.writeFile(encoder.tail());
}

/** The same rows in pieces of exactly `size`, the last one shorter. */
async function* regroup(pieces: AsyncIterable<EmbeddedRows>, size: number): AsyncGenerator<EmbeddedRows> {
  let held: EmbeddedRows[] = [];
  let count = 0;
  for await (const piece of pieces) {
    let start = 0;
    while (count + piece.ids.length - start >= size) {
      const end = start + size - count;
      yield concatRows([...held, sliceRows(piece, start, end)]);
      held = [];
      count = 0;
      start = end;
    }
    if (start < piece.ids.length) {
      held.push(sliceRows(piece, start, piece.ids.length));
      count += piece.ids.length - start;
    }
  }
  if (count > 0) yield concatRows(held);
}
