import { existsSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { HeadstartError } from "../core/errors.js";
import { packageRoot } from "../core/package-root.js";
import { embeddedIds } from "./embedded.js";
import { isHubId } from "./hub/hub-id.js";
import type { HubRequest } from "./hub/hub-request.js";

/** What is wanted of a checkpoint that is not embedded; it matters to Hub ids only. */
export type CheckpointRequest = HubRequest;

/** Where a checkpoint lies, and where it came from. */
export interface CheckpointFolder {
  readonly folder: string;
  /** Commit of the Hub's repository; null for a folder of one's own. */
  readonly commit: string | null;
  /** As the Hub tells it (`apache-2.0`); null for a folder of one's own, or where it says none. */
  readonly license: string | null;
  /** The address it was downloaded from; null for a folder of one's own. */
  readonly source: string | null;
}

/**
 * Finds a checkpoint that is not embedded: a folder as it is, a Hub id under `models/` of the working folder, else in the
 * Hub's cache, where it is downloaded to once.
 * @throws {HeadstartError} `model` telling what there is, or why the Hub gave nothing; `usage` for a folder's revision.
 */
export async function findCheckpoint(id: string, request: CheckpointRequest = {}): Promise<CheckpointFolder> {
  const folder = localCheckpoint(id);
  if (folder === null && isHubId(id)) {
    const { hubCheckpoint } = await import("./hub/hub-checkpoint.js");
    return hubCheckpoint(id, request);
  }
  if (folder === null) {
    throw new HeadstartError("model", `No backbone '${id}': neither an embedded one nor a folder`, {
      facts: { id },
      hint:
        `Embedded: ${(await embeddedIds()).join(", ")}. A folder needs config.json and onnx/model.onnx. ` +
        "An id of the Hub has two parts, such as Xenova/bert-base-uncased.",
    });
  }
  if (statSync(folder).isFile()) {
    const inner = dirname(folder);
    throw new HeadstartError("model", `'${id}' is a file, and a backbone is a folder`, {
      facts: { id, file: folder },
      hint:
        "Name the folder that has config.json, with the graph in it or in its onnx folder, such as " +
        `${basename(inner) === "onnx" ? dirname(inner) : inner}. --precision chooses among several graphs.`,
    });
  }
  if (request.revision !== undefined) {
    throw new HeadstartError("usage", `'${id}' is a folder here (${folder}): it has no revision`, {
      facts: { id, folder, revision: request.revision },
      hint: "Leave --revision out, or move the folder away to use the Hub's.",
    });
  }
  return { folder, commit: null, license: null, source: null };
}

/** The folder that an id means without the Hub: a path, or a Hub id whose files lie under `models/`; null for none. */
export function localCheckpoint(id: string): string | null {
  const folder = resolve(id);
  if (existsSync(folder)) return folder;
  if (id.startsWith(".") || isAbsolute(id) || id.split(/[/\\]/).length > 2) return null;
  const fetched = join("models", id);
  const places = [resolve(fetched), join(packageRoot(), fetched)];
  return places.find((place) => existsSync(join(place, "config.json"))) ?? null;
}
