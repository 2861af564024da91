import { readdirSync } from "node:fs";
import { isHubId } from "./hub-id.js";
import { type HubSettings, hubSettings } from "./hub-settings.js";

/** Ids of the repositories in the Hub's cache, sorted, without a look at what they hold; none where there is no cache. */
export function cachedIds(settings: HubSettings = hubSettings()): readonly string[] {
  const start = "models--";
  return namesIn(settings.cache)
    .filter((name) => name.startsWith(start))
    .map((name) => name.slice(start.length).replace("--", "/"))
    .filter(isHubId)
    .sort();
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
