import { homedir } from "node:os";
import { join } from "node:path";
import { HeadstartError, messageOf } from "./errors.js";
import { makeFolder } from "./make-folder.js";

/**
 * Where this user's caches of Headstart lie: `HEADSTART_CACHE`, else `headstart` in the system's folder for caches.
 * It may not exist yet, and may be deleted at any time.
 */
export function cacheFolder(): string {
  const { HEADSTART_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (HEADSTART_CACHE) return HEADSTART_CACHE;
  if (process.platform === "win32" && LOCALAPPDATA) return join(LOCALAPPDATA, "headstart", "cache");
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches", "headstart");
  return join(XDG_CACHE_HOME || join(homedir(), ".cache"), "headstart");
}

/**
 * Makes the folder that `HEADSTART_CACHE` names, where it is set: a cache that nobody asked for is done without where
 * it cannot be had, but a wrong setting should be known at once.
 * @throws {HeadstartError} `usage` if it cannot be made.
 */
export async function checkCacheSetting(): Promise<void> {
  const { HEADSTART_CACHE: folder } = process.env;
  if (!folder) return;
  await makeFolder(folder).catch((cause: unknown) => {
    throw new HeadstartError(
      "usage",
      `HEADSTART_CACHE names ${folder}, a folder that cannot be made: ${messageOf(cause)}`,
      {
        facts: { variable: "HEADSTART_CACHE", folder },
        hint: "Let it name a folder that can be written, or unset it.",
        cause,
      },
    );
  });
}
