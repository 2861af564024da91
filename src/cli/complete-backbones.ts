import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { cachedIds } from "../backbones/hub/cached-ids.js";
import { packageRoot } from "../core/package-root.js";
import { completeFiles } from "./complete-files.js";

/** Offers the backbones that are here, embedded or in the Hub's cache, then files and folders. */
export function completeBackbones(complete: (value: string, description: string) => void): void {
  const word = process.argv.at(-1) ?? "";
  for (const id of [...embedded(), ...cachedIds()]) if (id.startsWith(word)) complete(id, "");
  completeFiles(complete);
}

function embedded(): string[] {
  const folder = join(packageRoot(), "models");
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, "manifest.json")));
}
