import { checkCacheSetting } from "../core/cache-folder.js";
import { HeadstartError } from "../core/errors.js";

/**
 * Whether vectors are cached unless an option says otherwise: `HEADSTART_VECTOR_CACHE`, `on` (default) or `off`.
 * @throws {HeadstartError} `usage` if it says anything else.
 */
export function vectorCacheIsOn(): boolean {
  const said = process.env.HEADSTART_VECTOR_CACHE ?? "";
  if (said !== "" && said !== "on" && said !== "off") {
    throw new HeadstartError("usage", `HEADSTART_VECTOR_CACHE is on or off, got '${said}'`, {
      facts: { variable: "HEADSTART_VECTOR_CACHE" },
      hint: "The folder of all that is cached is named by HEADSTART_CACHE.",
    });
  }
  return said !== "off";
}

/**
 * Checks what the environment says of the cache.
 * @returns whether vectors are cached unless an option says otherwise.
 * @throws {HeadstartError} `usage` for a setting that is none, or a folder that cannot be made.
 */
export async function checkCacheSettings(): Promise<boolean> {
  const on = vectorCacheIsOn();
  await checkCacheSetting();
  return on;
}
