import { readdirSync } from "node:fs";

/**
 * Offers the files and folders that begin with the word being typed, which is the last argument of the
 * completion request. Folders end in a slash; hidden entries are offered only where a dot was typed.
 */
export function completeFiles(complete: (value: string, description: string) => void): void {
  const word = process.argv.at(-1) ?? "";
  const slash = word.lastIndexOf("/") + 1;
  const folder = word.slice(0, slash);
  const begin = word.slice(slash);
  for (const entry of entriesOf(folder === "" ? "." : folder)) {
    if (!entry.name.startsWith(begin) || (entry.name.startsWith(".") && !begin.startsWith("."))) continue;
    complete(`${folder}${entry.name}${entry.isDirectory() ? "/" : ""}`, "");
  }
}

function entriesOf(folder: string): { name: string; isDirectory(): boolean }[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
