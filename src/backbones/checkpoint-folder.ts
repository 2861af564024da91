import { existsSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { HeadstartError } from "../core/errors.js";
import { packageRoot } from "../core/package-root.js";
import type { OnProgress } from "../core/progress.js";
import type { Modality, Precision } from "./backbone.js";
import { embeddedIds } from "./embedded.js";

/** What is wanted of a checkpoint that is not embedded. */
export interface CheckpointRequest {
  /** Branch, tag or commit of a Hub id; default `main`. */
  readonly revision?: string;
  /** Which graph a Hub id is asked for; default `fp32`. */
  readonly precision?: Precision;
  /** Default: the graphs of all kinds of content that the checkpoint reads. */
  readonly modality?: Modality;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/** Where a checkpoint lies, and where it came from. */
export interface CheckpointFolder {
  readonly folder: string;
  /** Commit of the Hub's repository; null for a bare folder. */
  readonly commit: string | null;
  /** As the Hub tells it (`apache-2.0`); null for a bare folder. */
  readonly license: string | null;
  /** The address it was downloaded from; null for a bare folder. */
  readonly source: string | null;
}

/**
 * The folder of a checkpoint that is not embedded: a path as it is, a Hub id under `models/` of the working folder.
 * @throws {HeadstartError} `model` telling what there is, or how to fetch a Hub id.
 */
export async function findCheckpoint(
  id: string,
  _request: CheckpointRequest = {},
): Promise<CheckpointFolder> {
  return { folder: await checkpointFolder(id), commit: null, license: null, source: null };
}

/** The folder alone. */
export async function checkpointFolder(id: string): Promise<string> {
  const folder = resolve(id);
  if (existsSync(folder)) return folder;
  const isPath = id.startsWith(".") || isAbsolute(id) || id.split(/[/\\]/).length > 2;
  if (!isPath) {
    const fetched = join("models", id);
    const places = [resolve(fetched), join(packageRoot(), fetched)];
    const found = places.find((place) => existsSync(join(place, "config.json")));
    if (found !== undefined) return found;
  }
  if (isPath || !id.includes("/")) {
    throw new HeadstartError("model", `No backbone '${id}': neither an embedded one nor a folder`, {
      facts: { id },
      hint: `Embedded: ${(await embeddedIds()).join(", ")}. A folder needs config.json and onnx/model.onnx.`,
    });
  }
  throw new HeadstartError(
    "model",
    `'${id}' is not on this machine, and this version does not download from the Hub yet`,
    {
      facts: { id },
      hint: `Fetch it once: hf download ${id} --local-dir models/${id}`,
    },
  );
}
