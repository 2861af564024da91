import type { RejectedRow, Row } from "../../data/row.js";
import type { ReadyRow } from "./open-window.js";

/** Prepares at most `concurrency` rows at a time; they come in the input's order, each by itself. */
export async function* prepareInOrder<Input>(
  items: AsyncIterable<Row | RejectedRow>,
  concurrency: number,
  prepare: (row: Row) => Promise<ReadyRow<Input>>,
): AsyncGenerator<[ReadyRow<Input>]> {
  const pending: Promise<ReadyRow<Input>>[] = [];
  for await (const item of items) {
    const prepared = item.state === "rejected" ? Promise.resolve(item) : prepare(item);
    // A fault surfaces where the row's turn comes; until then it must not count as unhandled.
    prepared.catch(() => undefined);
    pending.push(prepared);
    if (pending.length >= concurrency) yield [await pending.shift()!];
  }
  while (pending.length > 0) yield [await pending.shift()!];
}
