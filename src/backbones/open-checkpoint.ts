import { existsSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, checkCacheSetting } from "../core/cache-folder.js";
import { HeadstartError } from "../core/errors.js";
import { type GraphFile, openGraphFile } from "../onnx/open-graph-file.js";
import type { BackboneOptions } from "./backbone-options.js";
import { type Checkpoint, readCheckpoint } from "./checkpoint.js";
import { type CheckpointFolder, findCheckpoint } from "./checkpoint-folder.js";
import { embeddedFolder, embeddedManifest } from "./embedded.js";
import type { Manifest } from "./manifest.js";

/** A backbone's files, found and read, before anything is made of them. */
export interface OpenCheckpoint {
  /** Null for all but the embedded ones. */
  readonly manifest: Manifest | null;
  readonly place: CheckpointFolder;
  readonly checkpoint: Checkpoint;
  readonly file: GraphFile;
}

/**
 * Finds a backbone and reads its configuration and its graph, but for large weights.
 * @throws {HeadstartError} `model` if it is not found, incomplete or not understood; `usage` if it does not come in the
 *   precision asked for, or if the folder that `HEADSTART_CACHE` names cannot be made.
 */
export async function openCheckpoint(id: string, options: BackboneOptions): Promise<OpenCheckpoint> {
  await checkCacheSetting();
  const manifest = await embeddedManifest(id);
  const place = manifest === null ? await findCheckpoint(id, options) : embeddedPlace(manifest, options);
  const checkpoint = await readCheckpoint(place.folder, options);
  const file = await openGraphFile(checkpoint.graph, cacheFolder());
  if (manifest !== null) checkWeights(manifest, checkpoint, file);
  return { manifest, place, checkpoint, file };
}

function embeddedPlace(manifest: Manifest, options: BackboneOptions): CheckpointFolder {
  const { id, license, source, weights, precision } = manifest;
  if (options.precision !== undefined && options.precision !== precision) {
    throw new HeadstartError("usage", `'${id}' comes in ${precision} only`, {
      hint: "Leave --precision out for the embedded backbones.",
    });
  }
  if (options.revision !== undefined) {
    throw new HeadstartError("usage", `'${id}' is embedded: it has no revision`, {
      facts: { id, version: source.version },
      hint: "Leave --revision out for the embedded backbones.",
    });
  }
  const folder = embeddedFolder(id);
  const origin = `${source.package}@${source.version}`;
  if (existsSync(join(folder, weights.file))) {
    return { folder, commit: origin, license, source: `npm ${origin}` };
  }
  throw new HeadstartError("model", `The embedded backbone '${id}' has not been built`, {
    facts: { id, folder },
    hint: "Run: npm run models",
  });
}

function checkWeights({ id, weights }: Manifest, checkpoint: Checkpoint, file: GraphFile): void {
  if (file.digest === weights.sha256) return;
  throw new HeadstartError("model", `The weights of '${id}' are not those of its manifest`, {
    facts: { expected: weights.sha256, actual: file.digest, file: checkpoint.graph },
    hint: "Delete the file and run: npm run models",
  });
}
