import { join } from "node:path";
import { embeddedFolder, embeddedIds, embeddedManifest } from "../../backbones/embedded.js";
import { messageOf } from "../../core/errors.js";
import { sha256OfFile } from "../../core/hash.js";
import type { DoctorCheck } from "./doctor-check.js";

const HINT = "Build them again with: npm run models";

/** Each embedded backbone: whether it is here, and each of its files as it was made. */
export async function checkBackbones(): Promise<DoctorCheck[]> {
  const ids = await embeddedIds();
  if (ids.length === 0)
    return [{ name: "backbones", state: "failed", detail: "none is embedded", hint: HINT }];
  return Promise.all(ids.map(checkBackbone));
}

async function checkBackbone(id: string): Promise<DoctorCheck> {
  try {
    const manifest = await embeddedManifest(id);
    if (manifest === null) return { name: id, state: "failed", detail: "no manifest", hint: HINT };
    for (const [file, digest] of Object.entries(manifest.files)) {
      if ((await sha256OfFile(join(embeddedFolder(id), file))) !== digest) {
        return { name: id, state: "failed", detail: `${file} is not as it was made`, hint: HINT };
      }
    }
    const megabytes = (manifest.weights.bytes / 1e6).toFixed(1);
    return {
      name: id,
      state: "ok",
      detail: `${manifest.modality}, ${manifest.dim}-d, ${megabytes} MB, digests match`,
    };
  } catch (thrown) {
    const missing = (thrown as NodeJS.ErrnoException).code === "ENOENT";
    return { name: id, state: "failed", detail: missing ? "not built" : messageOf(thrown), hint: HINT };
  }
}
