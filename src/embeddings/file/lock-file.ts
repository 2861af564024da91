import { rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { HeadstartError } from "../../core/errors.js";
import { createLock, discardLock, lockOwner } from "../../core/lock-owner.js";
import { makeFolder } from "../../core/make-folder.js";
import { ioError } from "./io-error.js";

/** Locks that this process holds: the same process id in a file of another run means nothing. */
const held = new Set<string>();

/**
 * Keeps other processes from writing `target` by a file `<target>.lock`; a lock whose process died on this
 * machine is taken over.
 * @returns a function that releases the lock.
 * @throws {HeadstartError} `io` if another process holds it, or if the folder cannot be written.
 */
export async function lockTarget(target: string): Promise<() => Promise<void>> {
  const path = `${resolve(target)}.lock`;
  if (held.has(path)) throw locked(target, path, `this process (${process.pid})`);
  held.add(path);
  try {
    await makeFolder(dirname(path));
    for (let attempt = 0; !(await createLock(path)); attempt++) {
      const owner = await livingOwner(path);
      if (owner !== null || attempt >= 3) throw locked(target, path, owner ?? "another process");
      await discardLock(path, isAbandoned);
    }
  } catch (thrown) {
    held.delete(path);
    throw thrown instanceof HeadstartError ? thrown : ioError("write", target, thrown);
  }
  return async () => {
    held.delete(path);
    await rm(path, { force: true });
  };
}

/** Who holds the lock, in words; null where its process is gone, or died before it wrote its name. */
async function livingOwner(path: string): Promise<string | null> {
  const owner = await lockOwner(path);
  if (owner === null) return null;
  if (owner.pid === null) return owner.silentMs < 5000 ? "another process" : null;
  if (!owner.here) return `process ${owner.pid} on ${owner.host}`;
  return owner.pid !== process.pid && owner.alive ? `process ${owner.pid}` : null;
}

const isAbandoned = async (path: string): Promise<boolean> => (await livingOwner(path)) === null;

function locked(target: string, path: string, owner: string): HeadstartError {
  return new HeadstartError("io", `${target} is being written by ${owner}`, {
    facts: { path: target, lock: path, owner },
    hint: `Wait for it, or choose another output. If no such process runs, delete ${path}.`,
  });
}
