import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { systemCode } from "./system-code.js";

/** Who made a lock file, and how long ago it was last written. */
export interface LockOwner {
  /** Null where the file does not tell: it was created and not yet written, or its process died between the two. */
  readonly pid: number | null;
  readonly host: string | null;
  readonly here: boolean;
  /** Whether its process runs; known on its own machine only, and null elsewhere. */
  readonly alive: boolean | null;
  readonly silentMs: number;
}

/** Makes a lock file in this process's name; false if there is one. */
export async function createLock(path: string): Promise<boolean> {
  try {
    await writeFile(path, JSON.stringify({ pid: process.pid, host: hostname() }), { flag: "wx" });
    return true;
  } catch (thrown) {
    if (systemCode(thrown) === "EEXIST") return false;
    throw thrown;
  }
}

/** Who holds a lock; null where there is none. */
export async function lockOwner(path: string): Promise<LockOwner | null> {
  try {
    const { mtimeMs } = await stat(path);
    const silentMs = performance.timeOrigin + performance.now() - mtimeMs;
    const { pid, host } = parseOwner(await readFile(path, "utf8"));
    const here = host === hostname();
    return { pid, host, here, alive: here && pid !== null ? isAlive(pid) : null, silentMs };
  } catch (thrown) {
    if (systemCode(thrown) === "ENOENT") return null;
    throw thrown;
  }
}

/** Longer than removing a lock ever takes: who began to and has not ended by then has died meanwhile. */
const TAKING_OVER_MS = 5000;

/**
 * Removes a lock if it is abandoned. Of several processes that try, one looks and removes at a time, behind a lock of
 * its own, `<path>.takeover`: what was abandoned when another looked may be a fresh lock by now. The others wait a moment.
 */
export async function discardLock(
  path: string,
  isAbandoned: (path: string) => Promise<boolean>,
): Promise<void> {
  const takeover = `${path}.takeover`;
  if (!(await createLock(takeover))) {
    const other = await lockOwner(takeover);
    if (other !== null && other.silentMs > TAKING_OVER_MS) await rm(takeover, { force: true });
    else await sleep(20);
    return;
  }
  try {
    if (await isAbandoned(path)) await rm(path, { force: true });
  } finally {
    await rm(takeover, { force: true });
  }
}

function parseOwner(text: string): { pid: number | null; host: string | null } {
  try {
    const { pid, host } = JSON.parse(text) as { pid?: unknown; host?: unknown };
    if (typeof pid === "number" && typeof host === "string") return { pid, host };
  } catch {
    // Half a document is no document.
  }
  return { pid: null, host: null };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return systemCode(thrown) === "EPERM";
  }
}
