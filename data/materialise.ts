import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { canonicalJson } from "../src/core/hash.js";
import { packageRoot } from "../src/core/package-root.js";
import type { Built, SampleSet } from "./sample-set.js";

/** What happened to one set. */
export interface SetReport extends Built {
  readonly name: string;
  readonly state: "built" | "unchanged";
  /** Where its files lie. */
  readonly folder: string;
  readonly seconds: number;
}

interface Stamp extends Built {
  readonly made: string;
}

/**
 * Makes one set under `<into>/<name>/built`, unless the stamp there says that the same recipe made it from the
 * same package versions. Works in a folder beside it and renames, so a set that exists is whole.
 */
export async function materialise(set: SampleSet, into: string, limit: number | null): Promise<SetReport> {
  const start = performance.now();
  const folder = join(into, set.name, "built");
  const made = canonicalJson({
    recipe: set.recipe,
    limit,
    packages: Object.fromEntries(await Promise.all(set.packages.map(versionOf))),
  });
  const report = (state: SetReport["state"], { counts, leftOut }: Built): SetReport => ({
    name: set.name,
    state,
    folder,
    counts,
    leftOut,
    seconds: (performance.now() - start) / 1000,
  });

  const stamp = await readStamp(folder);
  if (stamp?.made === made) return report("unchanged", stamp);

  const build = await set.load();
  const unfinished = join(dirname(folder), `built.${process.pid}.part`);
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  try {
    const built = await build(unfinished, limit);
    const content: Stamp = { made, counts: built.counts, leftOut: built.leftOut };
    await writeFile(join(unfinished, "stamp.json"), `${JSON.stringify(content, null, 2)}\n`);
    await rm(folder, { recursive: true, force: true });
    await rename(unfinished, folder);
    return report("built", built);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function readStamp(folder: string): Promise<Stamp | null> {
  try {
    return JSON.parse(await readFile(join(folder, "stamp.json"), "utf8")) as Stamp;
  } catch {
    return null;
  }
}

async function versionOf(name: string): Promise<[name: string, version: string]> {
  const manifest = await readFile(join(packageFolder(name), "package.json"), "utf8");
  return [name, (JSON.parse(manifest) as { version: string }).version];
}

/** Where an npm package lies that is read for its data. */
export function packageFolder(name: string): string {
  return join(packageRoot(), "node_modules", name);
}
