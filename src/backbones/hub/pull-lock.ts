import { rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { throwIfInterrupted } from "../../core/interrupted.js";
import { createLock, discardLock, lockOwner } from "../../core/lock-owner.js";
import { makeFolder } from "../../core/make-folder.js";
import { cacheFault } from "./cache-fault.js";

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
    await makeFolder(repository);
    while (!(await create(path))) {
      throwIfInterrupted(signal);
      if (await isAbandoned(path)) await discardLock(path, isAbandoned);
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
  held.add(path);
  try {
    if (await createLock(path)) return true;
  } catch (thrown) {
    held.delete(path);
    throw thrown;
  }
  held.delete(path);
  return false;
}

async function isAbandoned(path: string): Promise<boolean> {
  const owner = await lockOwner(path);
  if (owner === null) return false;
  if (owner.silentMs > SILENT_MS) return true;
  if (owner.pid === null) return owner.silentMs > 2 * BEAT_MS;
  if (!owner.here) return false;
  return owner.pid === process.pid ? !held.has(path) : owner.alive === false;
}
