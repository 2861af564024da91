import type { ByteSource } from "./byte-source.js";
import type { Table, TableEvent, TableRecord } from "./table.js";

const SAMPLE_RECORDS = 200;
const SAMPLE_CHARACTERS = 4_000_000;

/**
 * Reads the beginning of a tabular source: its columns and at most 200 records (or 4 million characters).
 * @param read - turns the source's bytes into records.
 */
export async function openTable(
  source: ByteSource,
  read: (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<TableEvent>,
): Promise<Table> {
  const events = read(source.bytes())[Symbol.asyncIterator]();
  const columns = new Set<string>();
  const sample: TableRecord[] = [];
  let header: readonly string[] | null = null;
  let characters = 0;
  let ended = false;
  while (sample.length < SAMPLE_RECORDS && characters < SAMPLE_CHARACTERS) {
    const next = await events.next();
    if (next.done) {
      ended = true;
      break;
    }
    const event = next.value;
    if (event.state === "header") header = event.columns;
    else {
      sample.push(event);
      if (event.state === "record") {
        characters += event.size;
        for (const column of event.columns) columns.add(column);
      }
    }
  }
  let replayed = false;
  if (source.rereadable) await events.return?.();
  return {
    columns: header ?? [...columns],
    sample,
    close: async () => {
      await events.return?.();
    },
    records: () => {
      if (source.rereadable || replayed) return recordsOnly(read(source.bytes()));
      replayed = true;
      return recordsOnly(replay(sample, ended ? null : events));
    },
  };
}

async function* recordsOnly(events: AsyncIterable<TableEvent>): AsyncGenerator<TableRecord> {
  for await (const event of events) if (event.state !== "header") yield event;
}

/** The sample of a stream, then what follows it. */
async function* replay(
  sample: readonly TableRecord[],
  rest: AsyncIterator<TableEvent> | null,
): AsyncGenerator<TableEvent> {
  try {
    yield* sample;
    if (rest === null) return;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest?.return?.();
  }
}
