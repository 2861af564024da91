import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BackboneSpec } from "../../backbones/backbone.js";
import { writeFileAtomic } from "../../core/atomic-file.js";
import { BACKBONE_FILE } from "./segment-names.js";

/** What a folder of segments says of its backbone; null where it does not. */
export interface BackboneCard {
  readonly backbone: string | null;
  readonly dim: number | null;
}

/** Reads what a folder says of its backbone: nothing, where the file is gone or damaged. */
export async function readCard(folder: string): Promise<BackboneCard> {
  try {
    const text = await readFile(join(folder, BACKBONE_FILE), "utf8");
    const { id, dim } = JSON.parse(text) as { id?: unknown; dim?: unknown };
    return {
      backbone: typeof id === "string" ? id : null,
      dim: typeof dim === "number" ? dim : null,
    };
  } catch {
    return { backbone: null, dim: null };
  }
}

/** Writes it where it is not there, or damaged. */
export async function keepCard(folder: string, spec: BackboneSpec): Promise<void> {
  if ((await readCard(folder)).backbone !== null) return;
  await writeFileAtomic(join(folder, BACKBONE_FILE), `${JSON.stringify(spec, null, 2)}\n`);
}
