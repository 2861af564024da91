import { homedir } from "node:os";
import { join } from "node:path";

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
