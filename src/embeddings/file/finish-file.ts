import { createReadStream } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { RecordBatchReader } from "apache-arrow";
import { HeadstartError, messageOf } from "../../core/errors.js";
import { copyPriorRejects } from "../target/prior-rejects.js";
import type { TargetPlan } from "../target/target-plan.js";
import { batchColumns } from "./batch-columns.js";
import { concatRows, type EmbeddedRows, sliceRows } from "./embedded-rows.js";
import { ioError } from "./io-error.js";
import type { PartPaths, PartState } from "./part-file.js";
import { type EmbeddingsMeta, MAX_BATCH_ROWS } from "./schema.js";
import type { SeenClasses } from "./seen-classes.js";
import { writeBatches } from "./write-batches.js";
import { writeFlushed } from "./write-flushed.js";

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
  const { out, rejectsFile, paths, state, meta, seen, plan } = finishing;
  const temporary = `${out}.part.finished`;
  try {
    const changes = state.rows > 0 || plan?.keepsRows !== true;
    if (changes)
      await writeFlushed(temporary, (handle) => writeBatches(handle, finishedRows(finishing), meta, seen));
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

/** Every row of the finished file, in batches of its size. */
function finishedRows({ paths, state, plan }: Finishing): AsyncIterable<EmbeddedRows> {
  const embedded = readPart(paths, state);
  return regroup(plan?.rows(embedded) ?? embedded, MAX_BATCH_ROWS);
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
