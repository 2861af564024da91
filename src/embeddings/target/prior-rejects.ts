import { createReadStream } from "node:fs";
import { type FileHandle, stat } from "node:fs/promises";
import { createInterface } from "node:readline";
import { seenIds } from "../../data/seen-ids.js";

/**
 * Writes the lines of an earlier rejects file whose ids are not among those of a newer one.
 * @returns how many.
 */
export async function copyPriorRejects(prior: string, newer: string, target: FileHandle): Promise<number> {
  if ((await stat(prior).catch(() => null)) === null) return 0;
  const again = seenIds();
  for await (const line of linesOf(newer)) again.firstLine(idIn(line), 1);
  let kept = 0;
  for await (const line of linesOf(prior)) {
    if (line === "" || again.lineOf(idIn(line)) !== null) continue;
    await target.writeFile(`${line}\n`);
    kept++;
  }
  return kept;
}

const linesOf = (path: string) =>
  createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });

/** A line that is not ours stays as it is. */
function idIn(line: string): string {
  try {
    return String((JSON.parse(line) as { id?: unknown }).id);
  } catch {
    return line;
  }
}
