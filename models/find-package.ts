import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { packageRoot } from "../src/core/package-root.js";

/** An installed npm package. */
export interface InstalledPackage {
  readonly folder: string;
  readonly version: string;
}

/**
 * Looks for an npm package the way Node.js does from this project's root, whatever its `exports` hide.
 * @returns null if it is not installed.
 */
export async function findPackage(name: string): Promise<InstalledPackage | null> {
  const places = createRequire(join(packageRoot(), "package.json")).resolve.paths(name) ?? [];
  for (const place of places) {
    const folder = join(place, name);
    if (!existsSync(join(folder, "package.json"))) continue;
    const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as {
      version: string;
    };
    return { folder, version };
  }
  return null;
}
