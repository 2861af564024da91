import { createHash, type Hash } from "node:crypto";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { canonicalJson } from "../core/hash.js";
import type { DatasetOptions } from "./dataset-options.js";

/** A digest under way over files and options; for equal input it comes out the same in every run. */
export function inputIdentity(options: DatasetOptions): {
  add(path: string): Promise<void>;
  digest(): string;
} {
  const { stdin: _, ...settings } = options;
  const hash: Hash = createHash("sha256").update(canonicalJson(settings));
  return {
    async add(path) {
      const { size, mtimeMs } = await stat(path);
      hash.update(`\n${canonicalJson({ path: resolve(path), size, mtimeMs })}`);
    },
    digest: () => hash.digest("hex"),
  };
}
