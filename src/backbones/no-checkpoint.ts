import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { HeadstartError } from "../core/errors.js";

/**
 * The error for a folder that has neither a graph nor a configuration; it names the checkpoints that lie a level below.
 */
export async function noCheckpoint(folder: string): Promise<HeadstartError> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const inner = entries
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, "config.json")))
    .map((entry) => entry.name)
    .sort();
  const more = inner.length > 6 ? `, and ${inner.length - 6} more` : "";
  return new HeadstartError("model", `${folder} is no checkpoint: it has neither config.json nor a graph`, {
    facts: { folder, inner: inner.slice(0, 50) },
    hint:
      inner.length > 0
        ? `It holds checkpoints; name one of them: ${inner.slice(0, 6).join(", ")}${more}.`
        : "Name the folder that has config.json and onnx/model.onnx.",
  });
}
