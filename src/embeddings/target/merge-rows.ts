import { HeadstartError } from "../../core/errors.js";
import type { Dataset } from "../../data/row.js";
import { concatRows, type EmbeddedRows, sliceRows } from "../file/embedded-rows.js";
import { MAX_BATCH_ROWS } from "../file/schema.js";

/**
 * The rows of two sources, both in the input's order, in that order. One batch of each is in memory.
 * @throws {HeadstartError} `data` if the input has not all their rows in that order any more.
 */
export async function* mergeRows(
  input: Dataset,
  known: AsyncIterable<EmbeddedRows>,
  added: AsyncIterable<EmbeddedRows>,
  path: string,
): AsyncGenerator<EmbeddedRows> {
  const sources = [await openCursor(known), await openCursor(added)];
  let gathered: EmbeddedRows[] = [];
  let count = 0;
  try {
    for await (const row of input.rows()) {
      if (row.state === "rejected") continue;
      const source = sources.find((one) => one.id() === row.id);
      if (source === undefined) continue;
      gathered.push(await source.take());
      if (++count % MAX_BATCH_ROWS === 0) {
        yield concatRows(gathered);
        gathered = [];
      }
    }
    const left = sources.map((source) => source.id()).find((id) => id !== null);
    if (left !== undefined) {
      throw new HeadstartError(
        "data",
        `${input.name} does not have the rows of ${path} in their order: id '${left}'`,
        {
          facts: { path, id: left },
          hint: "Where rows went, came or moved, use --update.",
        },
      );
    }
    if (gathered.length > 0) yield concatRows(gathered);
  } finally {
    for (const source of sources) await source.close();
  }
}

/** A place in a stream of rows. */
interface Cursor {
  /** Of the row in hand; null at the end. */
  id(): string | null;
  /** The row in hand; the next one is then. */
  take(): Promise<EmbeddedRows>;
  close(): Promise<void>;
}

async function openCursor(batches: AsyncIterable<EmbeddedRows>): Promise<Cursor> {
  const iterator = batches[Symbol.asyncIterator]();
  let batch: EmbeddedRows | null = null;
  let at = 0;
  const advance = async (): Promise<void> => {
    at = 0;
    do {
      const next = await iterator.next();
      batch = next.done ? null : next.value;
    } while (batch !== null && batch.ids.length === 0);
  };
  await advance();
  return {
    id: () => batch?.ids[at] ?? null,
    async take() {
      const row = sliceRows(batch!, at, at + 1);
      if (++at === batch!.ids.length) await advance();
      return row;
    },
    async close() {
      await iterator.return?.();
    },
  };
}
