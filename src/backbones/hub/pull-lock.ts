import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { throwIfInterrupted } from "../../core/interrupted.js";
import { cacheFault, systemCode } from "./cache-fault.js";

/** Locks of this process: one that names it and is not among them was left by an earlier process of its number. */
const held = new Set<string>();
const BEAT_MS = 5000;
/** A lock without a beat for so long belongs to nobody, on whatever machine it was made. */
const SILENT_MS = 60_000;
const POLL_MS = 100;

/**
 * Lets one process at a time write into a repository's folder; the others wait for it.
 * @returns a function that lets go.
 * @throws {HeadstartError} `io` if the folder cannot be written; `interrupted`.
 */
export async function lockRepository(
  repository: string,
  signal: AbortSignal | undefined,
): Promise<() => Promise<void>> {
  const path = join(repository, "headstart.pull.lock");
  try {
    await mkdir(repository, { recursive: true });
    while (!(await create(path))) {
      throwIfInterrupted(signal);
      if (await isAbandoned(path)) await discard(path);
      else await sleep(POLL_MS);
    }
  } catch (thrown) {
    throw cacheFault(path, thrown);
  }
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, BEAT_MS);
  beat.unref();
  return async () => {
    clearInterval(beat);
    await rm(path, { force: true }).catch(() => undefined);
    held.delete(path);
  };
}

async function create(path: string): Promise<boolean> {
  if (held.has(path)) return false;
  try {
    held.add(path);
    await writeFile(path, JSON.stringify({ pid: process.pid, host: hostname() }), { flag: "wx" });
    return true;
  } catch (thrown) {
    held.delete(path);
    if (systemCode(thrown) === "EEXIST") return false;
    throw thrown;
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(path);
    const silent = performance.timeOrigin + performance.now() - mtimeMs;
    if (silent > SILENT_MS) return true;
    const owner = parseOwner(await readFile(path, "utf8"));
    // Created, but not yet written: its process is between the two steps, or died there.
    if (owner === null) return silent > 2 * BEAT_MS;
    if (owner.host !== hostname()) return false;
    return owner.pid === process.pid ? !held.has(path) : !isAlive(owner.pid);
  } catch (thrown) {
    if (systemCode(thrown) === "ENOENT") return false;
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

/** Moves an abandoned lock away; of two processes that try, one wins, and a fresh lock caught by mistake goes back. */
async function discard(path: string): Promise<void> {
  const aside = `${path}.${process.pid}`;
  try {
    await rename(path, aside);
    if (await isAbandoned(aside)) await rm(aside, { force: true });
    else await rename(aside, path);
  } catch (thrown) {
    if (systemCode(thrown) !== "ENOENT") throw thrown;
  }
}
