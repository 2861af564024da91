import type { EmbeddedRows } from "./embedded-rows.js";

/** Labels and splits that occur, gathered while rows are written. */
export interface SeenClasses {
  readonly labels: Set<string>;
  readonly splits: Set<string>;
}

/** Adds the classes of some rows. */
export function noteClasses(seen: SeenClasses, rows: EmbeddedRows): void {
  for (const label of rows.labels) if (label !== null) seen.labels.add(label);
  for (const split of rows.splits) if (split !== null) seen.splits.add(split);
}
