import { writeFile } from "node:fs/promises";

/** Writes rows as RFC 4180 CSV in UTF-8 with a header line; a field is quoted only where it must be. */
export async function writeCsv<Column extends string>(
  path: string,
  columns: readonly Column[],
  rows: readonly Readonly<Record<Column, string>>[],
): Promise<void> {
  const line = (fields: readonly string[]) => `${fields.map(quoted).join(",")}\n`;
  await writeFile(path, line(columns) + rows.map((row) => line(columns.map((c) => row[c]))).join(""));
}

function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
