import { HeadstartError } from "../core/errors.js";
import { cellText } from "./cell-text.js";
import type { TableRecord } from "./table.js";

/** How a cell holds several labels: `true` as a list (or the text of a JSON array), a separator as text joined by it. */
export type MultiLabel = true | string;

/** A row's labels as one text, null where they are missing; or why they cannot be read. */
export type LabelCell = string | null | { readonly reason: string };

/**
 * The labels of a cell as the text of a JSON array, sorted by code unit, each once: `["comedy","drama"]`. A cell with
 * no labels is the empty set, `[]`: an empty list, empty text, `[]`. Only a cell that is null or absent is missing.
 * @param column - for the reason. @param multiLabel - how cells are written; a list is taken either way.
 */
export function labelSetCell(value: unknown, column: string, multiLabel: MultiLabel): LabelCell {
  if (value === null || value === undefined) return null;
  const parts: readonly unknown[] | { readonly reason: string } = Array.isArray(value)
    ? value
    : textParts(value, column, multiLabel);
  if ("reason" in parts) return parts;
  const labels = new Set<string>();
  for (const part of parts) {
    if (part === null || part === undefined) return { reason: `column '${column}' has a null in its list` };
    const text = cellText(part, column);
    if (typeof text !== "string") return text;
    if (text.trim() !== "") labels.add(text.trim());
  }
  return JSON.stringify([...labels].sort());
}

function textParts(
  value: unknown,
  column: string,
  multiLabel: MultiLabel,
): readonly unknown[] | { readonly reason: string } {
  const text = cellText(value, column);
  if (typeof text !== "string") return text;
  const trimmed = text.trim();
  if (trimmed === "") return [];
  const isArray = /^\[.*\]$/s.test(trimmed);
  if (multiLabel !== true && !isArray) return trimmed.split(multiLabel);
  try {
    const parsed: unknown = JSON.parse(trimmed);
    if (Array.isArray(parsed)) return parsed;
  } catch {
    // Said below.
  }
  if (multiLabel !== true) return trimmed.split(multiLabel);
  return { reason: `column '${column}' holds text, not a list of labels: '${trimmed.slice(0, 40)}'` };
}

/**
 * Refuses, before any work, text that is no list where no separator was given.
 * @throws {HeadstartError} `data` naming the first such cell of the sample, and the separator that it seems to have;
 *   `usage` where there is no label column.
 */
export function checkLabelSets(
  name: string,
  column: string | null,
  sample: readonly TableRecord[],
  multiLabel: MultiLabel,
): void {
  if (column === null) {
    throw new HeadstartError("usage", `${name}: several labels a row are asked for, and no column has them`, {
      facts: { file: name },
      hint: "Name the column with --label.",
    });
  }
  for (const record of sample) {
    if (record.state !== "record") continue;
    const text = record.cell(column);
    if (multiLabel !== true || typeof text !== "string") continue;
    const cell = labelSetCell(text, column, multiLabel);
    if (cell === null || typeof cell === "string") continue;
    const separator = ["|", ";", ","].find((one) => text.includes(one)) ?? "|";
    throw new HeadstartError("data", `${record.file}:${record.line}: ${cell.reason}`, {
      facts: { file: name, line: record.line, column },
      hint: `Say what separates the labels: --multi-label '${separator}'. Lists, and text such as ["a","b"], need none.`,
    });
  }
}
