import { open } from "node:fs/promises";
import { basename } from "node:path";
import { HeadstartError } from "../core/errors.js";

const POINTER = "version https://git-lfs.github.com/spec/";

/**
 * Refuses what Git leaves in a file's place where Git LFS is not installed: a few lines of text, which a table's reader
 * would take for rows. A path that cannot be opened is left to its reader.
 * @throws {HeadstartError} `data` naming the file.
 */
export async function refusePointer(path: string): Promise<void> {
  const file = await open(path).catch(() => null);
  if (file === null) return;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(POINTER.length), 0, POINTER.length, 0);
    if (buffer.toString("latin1", 0, bytesRead) !== POINTER) return;
  } finally {
    await file.close();
  }
  throw new HeadstartError("data", `${basename(path)} is a Git LFS pointer, not the file that it points to`, {
    facts: { file: path },
    hint: "Run git lfs pull in its repository, or download the file itself.",
  });
}
