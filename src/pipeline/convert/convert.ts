import { rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileSink } from "../../core/byte-sink.js";
import { HeadstartError } from "../../core/errors.js";
import { throwIfInterrupted } from "../../core/interrupted.js";
import { fileSource } from "../../data/byte-source.js";
import { arrowStreamFile } from "../../embeddings/interchange/arrow-sources.js";
import { arrowTarget } from "../../embeddings/interchange/arrow-target.js";
import type { EmbeddingsSource } from "../../embeddings/interchange/embeddings-source.js";
import { npySidecars } from "../../embeddings/interchange/npy-target.js";
import { checkTarget } from "../check-target.js";
import { stopwatch } from "../stopwatch.js";
import type { ConvertOptions, ConvertResult } from "../types.js";
import { convertFormat } from "./convert-format.js";
import { openConvertible } from "./open-convertible.js";
import { openTarget } from "./open-target.js";
import { type RejectsFile, rejectsFile } from "./rejects-file.js";

/**
 * Writes embeddings in another format, or takes vectors that others wrote as embeddings; a batch is in memory at a time.
 * @throws {HeadstartError} `data`, `format`, `io`, `usage`, `model`, or `interrupted`: nothing is written then.
 * @example await convert({ input: "reviews.arrow", out: "reviews.parquet" })
 * @example await convert({ input: "vectors.npy", ids: "rows.csv", out: "vectors.arrow", origin: "my encoder" })
 */
export async function convert(options: ConvertOptions): Promise<ConvertResult> {
  const { input, out, ids, rows, onProgress, signal } = options;
  const watch = stopwatch();
  const format = convertFormat(out);
  checkRows(rows, format);
  const inputs = [input, ...(ids === undefined ? [] : [ids])];
  const written = out === "-" ? [] : [out, ...(format === "npy" ? Object.values(npySidecars(out)) : [])];
  for (const path of [...written, ...(rows === undefined ? [] : [rows])]) await checkTarget(path, inputs);

  let source = await openConvertible(options);
  const guesses = source.notes;
  const list = rejectsFile(out === "-" ? null : `${out}.rejects.jsonl`);
  const kept = format === "arrow" && source.classes === undefined ? incomingPath(out) : null;
  try {
    if (kept !== null) source = await keepStream(source, kept, signal);
    const target = await openTarget(format, source, options);
    let count = 0;
    try {
      for await (const batch of source.batches((row) => list.add(row))) {
        throwIfInterrupted(signal);
        await target.write(batch);
        await list.flush();
        count += batch.numRows;
        onProgress?.({
          stage: "convert",
          done: count,
          unit: "rows",
          ...(source.rows !== null && { total: source.rows }),
        });
      }
      if (count === 0) throw nothingThere(source.name, list);
      await target.finish();
    } catch (thrown) {
      await target.discard();
      throw thrown;
    }
    const { backbone, fingerprint } = source.meta;
    return {
      out,
      files: target.files,
      rows: count,
      rejects: list.count,
      rejectsFile: await list.finish(),
      dim: backbone.dim,
      store: source.meta.vectors,
      backbone: backbone.id,
      fingerprint,
      guesses,
      seconds: watch.lap(),
    };
  } catch (thrown) {
    await list.discard();
    throw thrown;
  } finally {
    await source.close();
    if (kept !== null) await rm(kept, { force: true });
  }
}

const incomingPath = (out: string): string => join(dirname(out), `.${basename(out)}.${process.pid}.incoming`);

/** Keeps what can be read only once beside the target: an Arrow file needs its classes before its first row. */
async function keepStream(
  source: EmbeddingsSource,
  path: string,
  signal: AbortSignal | undefined,
): Promise<EmbeddingsSource> {
  const sink = await fileSink(path);
  try {
    const target = await arrowTarget(path, sink, source.schema, null);
    for await (const batch of source.batches()) {
      throwIfInterrupted(signal);
      await target.write(batch);
    }
    await target.finish();
  } catch (thrown) {
    await sink.discard();
    throw thrown;
  } finally {
    await source.close();
  }
  return arrowStreamFile(fileSource(path, source.name));
}

function nothingThere(name: string, { count, first }: RejectsFile): HeadstartError {
  if (first === null) return new HeadstartError("data", `${name} has no rows`, { facts: { file: name } });
  return new HeadstartError(
    "data",
    `No row of ${name} can be used (${count} rejected). The first: ${first.reason}`,
    {
      facts: { file: name, rejects: count, first },
      hint: "Look at the columns that were chosen: --embedding, --id.",
    },
  );
}

function checkRows(rows: string | undefined, format: ReturnType<typeof convertFormat>): void {
  if (rows === undefined) return;
  if (format === "npy" && /\.(csv|jsonl|ndjson)$/i.test(rows)) return;
  throw new HeadstartError(
    "usage",
    format === "npy"
      ? `Cannot tell what ${rows} should be`
      : "--rows is for .npy, which has no place for ids",
    { hint: format === "npy" ? "Name it .csv or .jsonl." : "Leave it out: ids and labels are in the file." },
  );
}
