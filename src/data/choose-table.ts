import { HeadstartError } from "../core/errors.js";

/** The tables and views of a database. */
export interface TableNames {
  readonly tables: readonly string[];
  readonly views: readonly string[];
}

/**
 * The table that is meant: the one asked for, else the only table, else (there being no table) the only view.
 * @throws {HeadstartError} `data`, listing them, where there is none such, or several.
 */
export function chooseTable(
  { tables, views }: TableNames,
  wanted: string | undefined,
  name: string,
): { readonly table: string; readonly guesses: readonly string[] } {
  const all = [...tables, ...views];
  const listed = `Tables: ${all.slice(0, 50).join(", ")}${all.length > 50 ? ` and ${all.length - 50} more` : ""}`;
  const facts = { file: name, tables: all };
  if (all.length === 0)
    throw new HeadstartError("data", `${name} has no tables`, { facts, hint: "It is empty." });
  if (wanted !== undefined) {
    const same = all.find((table) => table === wanted) ?? all.find((table) => lower(table) === lower(wanted));
    if (same !== undefined) return { table: same, guesses: [] };
    throw new HeadstartError("data", `${name} has no table '${wanted}'`, {
      facts: { ...facts, wanted },
      hint: listed,
    });
  }
  const candidates = tables.length > 0 ? tables : views;
  if (candidates.length === 1) {
    const only = candidates[0]!;
    return { table: only, guesses: [`table: "${only}" (the only ${tables.length > 0 ? "table" : "view"})`] };
  }
  throw new HeadstartError("data", `${name} has ${candidates.length} tables; which is meant?`, {
    facts,
    hint: `Name one with --table. ${listed}`,
  });
}

const lower = (text: string): string => text.toLowerCase();

/** A name as SQL has it: in double quotes, those within it doubled. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
