import { rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { HeadstartError } from "../../core/errors.js";
import { createLock, discardLock, lockOwner } from "../../core/lock-owner.js";
import { makeFolder } from "../../core/make-folder.js";
import { ioError } from "./io-error.js";

/** Locks that this process holds: the same process id in a file of another run means nothing. */
const held = new Set<string>();

/** Longer than a lock is ever without a name: its process creates it and writes into it at once. */
const NAMELESS_MS = 5000;
const POLL_MS = 50;

/**
 * Keeps other processes from writing `target` by a file `<target>.lock`; a lock whose process died on this
 * machine is taken over. One without a name is waited for: its process is about to write it, or died before it could.
 * @returns a function that releases the lock.
 * @throws {HeadstartError} `io` if another process holds it, or if the folder cannot be written.
 */
export async function lockTarget(target: string): Promise<() => Promise<void>> {
  const path = `${resolve(target)}.lock`;
  if (held.has(path)) throw locked(target, path, `this process (${process.pid})`);
  held.add(path);
  try {
    await makeFolder(dirname(path));
    const patience = performance.now() + 2 * NAMELESS_MS;
    while (!(await createLock(path))) {
      const owner = await livingOwner(path);
      if (owner === null) await discardLock(path, isAbandoned);
      else if (owner === NAMELESS) await sleep(POLL_MS);
      else throw locked(target, path, owner);
      if (performance.now() > patience) throw locked(target, path, NAMELESS);
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

const NAMELESS = "another process";

/** Who holds the lock, in words; null where its process is gone, or died before it wrote its name. */
async function livingOwner(path: string): Promise<string | null> {
  const owner = await lockOwner(path);
  if (owner === null) return null;
  if (owner.pid === null) return owner.silentMs < NAMELESS_MS ? NAMELESS : null;
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
