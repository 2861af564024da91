import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { systemCode } from "./system-code.js";

/**
 * Makes a folder and those above it that are missing; one that is there already is fine.
 *
 * Not `mkdir(path, { recursive: true })`: where nothing can be made in a folder that is there, and the system says
 * ENOENT (`/proc/x`), Node tries for ever, on a thread that no signal ends.
 * @throws the system's error if it cannot be made, or if something else than a folder has its name.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (thrown) {
    if (systemCode(thrown) !== "ENOENT" || dirname(path) === path) throw thrown;
    await makeFolder(dirname(path));
    await makeOne(path);
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (thrown) {
    // Some systems name another fault than EEXIST first, such as EROFS or EPERM.
    const facts = await stat(path).catch(() => null);
    if (facts?.isDirectory() !== true) throw thrown;
  }
}
