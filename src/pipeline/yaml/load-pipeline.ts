import { readFile, stat } from "node:fs/promises";
import { HeadstartError, messageOf } from "../../core/errors.js";
import { parsePipeline } from "./parse-pipeline.js";
import type { Pipeline } from "./schema.js";

/** Far above any honest pipeline file. */
const MAX_BYTES = 1_000_000;

/**
 * Reads and validates a pipeline file.
 * @throws {HeadstartError} `config` if it cannot be read, or with line and column if it breaks the schema.
 */
export async function loadPipeline(path: string): Promise<Pipeline> {
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) throw new Error(`it has ${size} bytes; a pipeline has at most ${MAX_BYTES}`);
    text = new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path));
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    const message = missing
      ? `There is no pipeline ${path}`
      : `Cannot read the pipeline ${path}: ${messageOf(cause)}`;
    throw new HeadstartError("config", message, {
      facts: { path },
      hint: "Give the path of a YAML file, such as pipelines/spam.yaml.",
      cause,
    });
  }
  return parsePipeline(text, path);
}
