import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { embeddedFolder, embeddedManifest } from "../../backbones/embedded.js";
import { type VerifiedFile, verifyCheckpoint } from "../../backbones/hub/verify-checkpoint.js";
import { sha256OfFile } from "../../core/hash.js";
import type { OnProgress } from "../../core/progress.js";
import { checkHubId } from "./backbones-pull.js";

export interface VerifyResult {
  readonly id: string;
  /** `damaged` where a file is missing or not as it was recorded. */
  readonly state: "ok" | "damaged";
  readonly files: readonly (Omit<VerifiedFile, "commit"> & { readonly commit: string | null })[];
}

/**
 * Hashes the files of an embedded or a cached backbone again, and compares them with what was recorded of them.
 * @throws {HeadstartError} `model` if there is nothing of it; `usage` for a folder, of which nothing is recorded.
 */
export async function verifyBackbone(
  id: string,
  options: {
    readonly revision?: string;
    readonly onProgress?: OnProgress;
    readonly signal?: AbortSignal;
  } = {},
): Promise<VerifyResult> {
  const manifest = await embeddedManifest(id);
  if (manifest === null) await checkHubId(id);
  const files =
    manifest === null ? await verifyCheckpoint(id, options) : await embeddedFiles(id, manifest.files);
  const sound = files.every(({ state }) => state === "ok" || state === "unknown");
  return { id, state: sound ? "ok" : "damaged", files };
}

async function embeddedFiles(
  id: string,
  digests: Readonly<Record<string, string>>,
): Promise<VerifyResult["files"]> {
  const folder = embeddedFolder(id);
  const there = new Set(await readdir(folder, { recursive: true }));
  return Promise.all(
    Object.entries(digests).map(async ([path, digest]) => {
      if (!there.has(join(path))) return { commit: null, path, state: "missing" as const, size: null };
      const same = (await sha256OfFile(join(folder, path))) === digest;
      return { commit: null, path, state: same ? ("ok" as const) : ("changed" as const), size: null };
    }),
  );
}
