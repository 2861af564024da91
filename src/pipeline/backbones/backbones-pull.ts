import { localCheckpoint } from "../../backbones/checkpoint-folder.js";
import { embeddedManifest } from "../../backbones/embedded.js";
import { isHubId } from "../../backbones/hub/hub-id.js";
import { type PullRequest, type PullResult, pullCheckpoint } from "../../backbones/hub/pull-checkpoint.js";
import { HeadstartError } from "../../core/errors.js";

export type PullOptions = PullRequest;
export type { PullResult };

/**
 * Downloads a backbone from the Hub into the cache, as far as it is not there.
 * @throws {HeadstartError} `usage` if the id is none of the Hub; else as `pullCheckpoint` does.
 */
export async function pullBackbone(id: string, options: PullOptions = {}): Promise<PullResult> {
  await checkHubId(id);
  return pullCheckpoint(id, options);
}

/** @throws {HeadstartError} `usage` if an id means an embedded backbone or a folder, or could mean nothing on the Hub. */
export async function checkHubId(id: string): Promise<void> {
  if ((await embeddedManifest(id)) !== null) {
    throw new HeadstartError("usage", `'${id}' is embedded: it comes with the installation`, {
      facts: { id },
      hint: `Look at it: headstart backbones verify ${id}`,
    });
  }
  if (!isHubId(id)) {
    throw new HeadstartError("usage", `'${id}' is no id of the Hub`, {
      facts: { id },
      hint: "An id has two parts, such as Xenova/bert-base-uncased.",
    });
  }
  const folder = localCheckpoint(id);
  if (folder === null) return;
  throw new HeadstartError("usage", `'${id}' is a folder here (${folder}), and it is used before the Hub's`, {
    facts: { id, folder },
    hint: "Move the folder away, or work in another one.",
  });
}
