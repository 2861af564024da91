import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, resolve } from "node:path";
import { HeadstartError } from "../core/errors.js";
import { ioError, systemCode } from "./io-error.js";

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
    await mkdir(dirname(path), { recursive: true });
    for (let attempt = 0; !(await create(path)); attempt++) {
      const owner = await livingOwner(path);
      if (owner !== null || attempt >= 3) throw locked(target, path, owner ?? "another process");
      await discard(path);
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

async function create(path: string): Promise<boolean> {
  try {
    await writeFile(path, JSON.stringify({ pid: process.pid, host: hostname() }), { flag: "wx" });
    return true;
  } catch (thrown) {
    if (systemCode(thrown) === "EEXIST") return false;
    throw thrown;
  }
}

/** Who holds the lock, in words; null where its process is gone. */
async function livingOwner(path: string): Promise<string | null> {
  try {
    const { mtimeMs } = await stat(path);
    const owner = parseOwner(await readFile(path, "utf8"));
    // Created, but not yet written: its process is between the two steps, or died there long ago.
    if (owner === null)
      return performance.timeOrigin + performance.now() - mtimeMs < 5000 ? "another process" : null;
    if (owner.host !== hostname()) return `process ${owner.pid} on ${owner.host}`;
    return owner.pid !== process.pid && isAlive(owner.pid) ? `process ${owner.pid}` : null;
  } catch (thrown) {
    if (systemCode(thrown) === "ENOENT") return null;
    throw thrown;
  }
}

function parseOwner(text: string): { pid: number; host: string } | null {
  try {
    const { pid, host } = JSON.parse(text) as { pid?: unknown; host?: unknown };
    return typeof pid === "number" && typeof host === "string" ? { pid, host } : null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return systemCode(thrown) === "EPERM";
  }
}

/** Moves a stale lock away; of two processes that try, one wins, and a fresh lock caught by mistake goes back. */
async function discard(path: string): Promise<void> {
  const aside = `${path}.${process.pid}`;
  try {
    await rename(path, aside);
    if ((await livingOwner(aside)) !== null) await rename(aside, path);
    else await rm(aside, { force: true });
  } catch (thrown) {
    if (systemCode(thrown) !== "ENOENT") throw thrown;
  }
}

function locked(target: string, path: string, owner: string): HeadstartError {
  return new HeadstartError("io", `${target} is being written by ${owner}`, {
    facts: { path: target, lock: path, owner },
    hint: `Wait for it, or choose another output. If no such process runs, delete ${path}.`,
  });
}
