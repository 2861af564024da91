import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";
import type { Dataset, RejectedRow, Row } from "../../src/data/row.js";

/** A folder that is removed after the test file's last test. */
export function temporaryFolder(): {
  path: string;
  write(name: string, content: string | Uint8Array): string;
} {
  const path = mkdtempSync(join(tmpdir(), "headstart-data-"));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    write(name, content) {
      const file = join(path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      return file;
    },
  };
}

export async function allRows(dataset: Dataset): Promise<(Row | RejectedRow)[]> {
  const rows = [];
  for await (const row of dataset.rows()) rows.push(row);
  return rows;
}

/** What rows say in short: the text or path, or the reason after an exclamation mark. */
export async function contents(dataset: Dataset): Promise<string[]> {
  return (await allRows(dataset)).map((row) => {
    if (row.state === "rejected") return `! ${row.reason}`;
    return row.content.kind === "text" ? row.content.text : (row.content as { path: string }).path;
  });
}
