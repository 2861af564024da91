import { readFile } from "node:fs/promises";
import { HeadstartError, messageOf } from "../core/errors.js";

/**
 * A JSON file of a checkpoint; null where it does not exist.
 * @throws {HeadstartError} `model` naming the file if it is no JSON.
 */
export async function readJson(path: string): Promise<Record<string, unknown> | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new HeadstartError("model", `Cannot read ${path}: ${messageOf(cause)}`, { facts: { path }, cause });
  }
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw new HeadstartError("model", `${path} is not valid JSON: ${messageOf(cause)}`, {
      facts: { path },
      cause,
    });
  }
}
