import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageRoot } from "./package-root.js";

/**
 * The file that a thread is started from: beside its starter, or in the build where that runs as TypeScript.
 * @param path - relative to `src`, such as `heads/trees/tree-worker.js`.
 * @returns null where it was not built.
 */
export function workerFile(path: string): string | null {
  const places = [
    fileURLToPath(new URL(`../${path}`, import.meta.url)),
    join(packageRoot(), "dist/src", path),
  ];
  return places.find((place) => existsSync(place)) ?? null;
}
