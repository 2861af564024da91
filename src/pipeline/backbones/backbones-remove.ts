import type { Precision } from "../../backbones/backbone.js";
import { embeddedManifest } from "../../backbones/embedded.js";
import { isHubId } from "../../backbones/hub/hub-id.js";
import { type RemoveResult, removeCheckpoint } from "../../backbones/hub/remove-checkpoint.js";
import { HeadstartError } from "../../core/errors.js";

export type { RemoveResult };

/**
 * Removes what was downloaded of a backbone from the cache. Folders and embedded backbones are never touched.
 * @throws {HeadstartError} `usage` if the id is none of the Hub; `model` if nothing of it was downloaded.
 */
export async function removeBackbone(
  id: string,
  options: { readonly revision?: string; readonly precision?: Precision; readonly signal?: AbortSignal } = {},
): Promise<RemoveResult> {
  if ((await embeddedManifest(id)) !== null || !isHubId(id)) {
    throw new HeadstartError("usage", `'${id}' was not downloaded from the Hub`, {
      facts: { id },
      hint: "Only ids such as Xenova/bert-base-uncased are removed; folders are yours to delete.",
    });
  }
  return removeCheckpoint(id, options);
}
