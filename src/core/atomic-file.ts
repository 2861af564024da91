import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { threadId } from "node:worker_threads";
import { HeadstartError, messageOf } from "./errors.js";
import { makeFolder } from "./make-folder.js";

let written = 0;

/**
 * Writes a file so that whoever opens `path` sees the old content or all of the new, never a part:
 * to a temporary name beside it, flushed to disk, then renamed. Of several that write it at once, in this process or
 * others, the last wins.
 * @throws {HeadstartError} `io` if the folder cannot be written.
 */
export async function writeFileAtomic(path: string, content: string | Uint8Array): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${process.pid}-${threadId}-${written++}.tmp`);
  try {
    await makeFolder(folder);
    const file = await open(temporary, "w");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new HeadstartError("io", `Cannot write ${path}: ${messageOf(cause)}`, {
      facts: { path },
      hint: "Check that the folder exists, can be written, and has space left.",
      cause,
    });
  }
}
