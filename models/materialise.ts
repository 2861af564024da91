import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { HeadstartError } from "../src/core/errors.js";
import { sha256OfFile } from "../src/core/hash.js";
import { packageRoot } from "../src/core/package-root.js";
import { findPackage } from "./find-package.js";
import type { Recipe } from "./recipe.js";

/** The parts of `manifest.json` that building needs; the rest passes through. */
interface BuildManifest {
  readonly source: { readonly package: string; readonly version: string };
  readonly weights: { readonly file: string; readonly sha256: string; readonly bytes: number };
  /** SHA-256 of every other file, by its path in the folder. */
  readonly files: Readonly<Record<string, string>>;
}

export interface MaterialiseOptions {
  /** Write the digests of what was built into the manifest instead of checking them; for maintainers. */
  readonly updateManifest?: boolean;
}

/**
 * Makes an embedded backbone's files under `models/<id>/`, unless those there have the manifest's digests already.
 * They are built elsewhere and moved in when whole, the weights last.
 * @returns whether anything was built.
 * @throws {HeadstartError} `model` if the source package is absent or of another version, or a digest differs.
 */
export async function materialise(recipe: Recipe, options: MaterialiseOptions = {}): Promise<boolean> {
  const target = join(packageRoot(), "models", recipe.id);
  const manifestPath = join(target, "manifest.json");
  const manifest = JSON.parse(await readFile(manifestPath, "utf8")) as BuildManifest;
  const { weights, files } = manifest;
  const expected = new Map([...Object.entries(files), [weights.file, weights.sha256] as const]);
  if (options.updateManifest !== true && (await isWhole(target, expected))) return false;

  const source = await findSource(recipe.id, manifest.source);
  const workshop = join(packageRoot(), "dist", `.building-${recipe.id}-${process.pid}`);
  try {
    await mkdir(join(workshop, "onnx"), { recursive: true });
    await recipe.build(workshop, source);
    const built = new Map<string, string>();
    for (const file of expected.keys()) built.set(file, await sha256OfFile(join(workshop, file)));
    if (options.updateManifest === true) await updateManifest(manifestPath, manifest, built, workshop);
    else checkDigests(recipe.id, expected, built);
    for (const file of expected.keys()) {
      await mkdir(dirname(join(target, file)), { recursive: true });
      await rename(join(workshop, file), join(target, file));
    }
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
  return true;
}

async function isWhole(folder: string, expected: ReadonlyMap<string, string>): Promise<boolean> {
  for (const [file, digest] of expected) {
    if (!existsSync(join(folder, file)) || (await sha256OfFile(join(folder, file))) !== digest) return false;
  }
  return true;
}

async function findSource(id: string, wanted: BuildManifest["source"]): Promise<string> {
  const found = await findPackage(wanted.package);
  if (found !== null && found.version === wanted.version) return found.folder;
  const state = found === null ? "is not installed" : `is installed as ${found.version}`;
  throw new HeadstartError("model", `Cannot build '${id}': ${wanted.package} ${wanted.version} ${state}`, {
    facts: { id, package: wanted.package, expected: wanted.version, actual: found?.version ?? null },
    hint: "Run npm ci in a checkout of the project, then: npm run models",
  });
}

function checkDigests(
  id: string,
  expected: ReadonlyMap<string, string>,
  built: ReadonlyMap<string, string>,
): void {
  for (const [file, digest] of expected) {
    if (built.get(file) === digest) continue;
    throw new HeadstartError(
      "model",
      `'${id}': ${file} came out as ${built.get(file)}, the manifest says ${digest}`,
      {
        facts: { id, file, expected: digest, actual: built.get(file) },
        hint: "A maintainer who changed the recipe on purpose runs: npm run models -- --update-manifest",
      },
    );
  }
}

async function updateManifest(
  path: string,
  manifest: BuildManifest,
  built: ReadonlyMap<string, string>,
  workshop: string,
): Promise<void> {
  const { weights, files } = manifest;
  const updated = {
    ...manifest,
    weights: {
      ...weights,
      sha256: built.get(weights.file),
      bytes: (await stat(join(workshop, weights.file))).size,
    },
    files: Object.fromEntries(Object.keys(files).map((file) => [file, built.get(file)])),
  };
  await writeFile(path, `${JSON.stringify(updated, null, 2)}\n`);
}
