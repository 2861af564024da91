import { existsSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { HeadstartError } from "../core/errors.js";
import { packageRoot } from "../core/package-root.js";
import { embeddedIds } from "./embedded.js";

/**
 * The folder of a checkpoint that is not embedded: a path as it is, a Hub id under `models/`.
 * @throws {HeadstartError} `model` telling what there is, or how to fetch a Hub id.
 */
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
