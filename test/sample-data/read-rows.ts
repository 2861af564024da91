import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";

/** The project's `data` folder. */
export const dataFolder = join(import.meta.dirname, "../../data");

/** Whether `npm run data` has made every set. */
export const built = ["spam", "sentiment", "emoji"].every((set) =>
  existsSync(join(dataFolder, set, "built/stamp.json")),
);

/** Reads a CSV file with a header line by the library that the project's users read it with. */
export function readRows(path: string): Record<string, string>[] {
  return parse<Record<string, string>>(readFileSync(path, "utf8"), { columns: true });
}

/** Rows by label and split. */
export function countBy(rows: readonly Record<string, string>[]): Record<string, Record<string, number>> {
  const counts: Record<string, Record<string, number>> = {};
  for (const { label, split } of rows) {
    counts[label] ??= {};
    counts[label][split] = (counts[label][split] ?? 0) + 1;
  }
  return counts;
}
