import { HeadstartError } from "../../core/errors.js";
import type { ConvertOptions } from "../types.js";

/** @throws {HeadstartError} `usage` for options that say what only others' files leave open. */
export function refuseImportOptions(options: ConvertOptions, name: string): void {
  for (const flag of [
    "embedding",
    "id",
    "label",
    "split",
    "ids",
    "backbone",
    "origin",
    "modality",
  ] as const) {
    if (options[flag] === undefined) continue;
    throw new HeadstartError("usage", `--${flag}: ${name} holds embeddings that say all of that themselves`, {
      facts: { flag: `--${flag}`, file: name },
      hint: `Leave out --${flag}; it is for vectors that others wrote.`,
    });
  }
}
