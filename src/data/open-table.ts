import { HeadstartError } from "../core/errors.js";
import type { ReadPlan, Table, TableEvent, TableHeader, TableRecord, TableSource } from "./table.js";

const SAMPLE_RECORDS = 200;
const SAMPLE_CHARACTERS = 4_000_000;
/** What spreadsheets hold; beyond it a file is more likely damaged, or written the wrong way round. */
const MOST_COLUMNS = 16_384;
const EVERYTHING: ReadPlan = { columns: null, where: [] };

/**
 * Reads the beginning of a tabular source: its columns and at most 200 records (or 4 million characters).
 * @throws {HeadstartError} `data` for more than 16,384 columns.
 */
export async function openTable(source: TableSource): Promise<Table> {
  const events = source.events(EVERYTHING);
  const columns = new Set<string>();
  const sample: TableRecord[] = [];
  let header: TableHeader | null = null;
  let characters = 0;
  let ended = false;
  while (sample.length < SAMPLE_RECORDS && characters < SAMPLE_CHARACTERS) {
    const next = await events.next();
    if (next.done) {
      ended = true;
      break;
    }
    const event = next.value;
    if (event.state === "header") header = event;
    else {
      sample.push(event);
      if (event.state === "record") {
        characters += event.size;
        if (header === null) for (const column of event.columns) columns.add(column);
      }
    }
    const count = header?.columns.length ?? columns.size;
    if (count > MOST_COLUMNS) {
      await events.return(undefined);
      throw new HeadstartError(
        "data",
        `${source.name} has ${count} columns; at most ${MOST_COLUMNS} are read`,
        {
          facts: { file: source.name, columns: count },
          hint: "A row is an item, a column a property of it: perhaps the table is written the wrong way round.",
        },
      );
    }
  }
  let replayed = false;
  if (source.rereadable) await events.return(undefined);
  return {
    columns: header?.columns ?? [...columns],
    types: header?.types ?? new Map(),
    sample,
    close: async () => {
      await events.return(undefined);
    },
    records: (plan) => {
      if (source.rereadable || replayed) return recordsOnly(source.events(plan));
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
