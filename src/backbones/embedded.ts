import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { HeadstartError } from "../core/errors.js";
import { packageRoot } from "../core/package-root.js";
import type { Manifest } from "./manifest.js";
import { readJson } from "./read-json.js";

/** The folder of an embedded backbone, whether built or not. */
export function embeddedFolder(id: string): string {
  return join(packageRoot(), "models", id);
}

/** The manifest beside an embedded backbone; null if there is none of that id. */
export async function embeddedManifest(id: string): Promise<Manifest | null> {
  if (!/^[a-z0-9][a-z0-9.-]*$/.test(id)) return null;
  const path = join(embeddedFolder(id), "manifest.json");
  const json = await readJson(path);
  if (json === null) return null;
  // Loaded where there is one to check: most of what it brings is a library.
  const { manifestSchema } = await import("./manifest.js");
  const parsed = manifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new HeadstartError("model", `${path}: ${issue.path.join(".")}: ${issue.message}`, {
    facts: { path },
  });
}

/** Ids of all embedded backbones, sorted. */
export async function embeddedIds(): Promise<string[]> {
  const folder = join(packageRoot(), "models");
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, "manifest.json")))
    .map((entry) => entry.name)
    .sort();
}
