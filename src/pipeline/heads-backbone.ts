import type { Backbone } from "../backbones/backbone.js";
import { type RecordedBackbone, resolveRecorded } from "../backbones/resolve-recorded.js";
import { HeadstartError } from "../core/errors.js";
import { isForeign } from "../embeddings/interchange/unknown-backbone.js";
import type { LoadedHead } from "../heads/head-onnx.js";
import { checkFingerprint, nameOf } from "./load-head.js";
import type { RunControl } from "./types.js";

/**
 * The backbone that the head remembers, or the one that the user says is the same.
 * @param given - where the backbone lies, if not where the head recorded it.
 * @param control - hears of a download, and can stop it.
 * @throws {HeadstartError} `fingerprint` if it is another one; `model` if it is not found.
 */
export async function headsBackbone(
  path: string,
  head: LoadedHead,
  given: string | undefined,
  control: Pick<RunControl, "onProgress" | "signal">,
): Promise<Backbone> {
  const recorded = backboneOf(head);
  let backbone: Backbone;
  try {
    backbone = await resolveRecorded(recorded, head.fingerprint, given, control);
  } catch (cause) {
    if (!(cause instanceof HeadstartError) || cause.code !== "usage") throw cause;
    const { fingerprint } = head;
    throw new HeadstartError(
      "fingerprint",
      `${path} was trained on '${recorded.id}' (${fingerprint.slice(0, 12)}), which is another backbone: ${cause.message}`,
      {
        facts: { head: path, fingerprint },
        hint: "Give the folder where the head's own backbone lies.",
        cause,
      },
    );
  }
  const found = { path: "the backbone", fingerprint: backbone.fingerprint, backbone: backbone.spec.id };
  checkFingerprint(nameOf(path, head), found, [recorded, backbone.spec]);
  return backbone;
}

function backboneOf(head: LoadedHead): RecordedBackbone {
  const recorded: Partial<RecordedBackbone> = head.meta.backbone ?? {};
  if (isForeign(recorded)) {
    const origin = recorded.id === "unknown" ? "unknown origin" : `'${recorded.id}'`;
    throw new HeadstartError(
      "model",
      `The head was trained on vectors of ${origin}, which nothing here makes`,
      {
        facts: { origin: recorded.id },
        hint: "Make vectors of the new input as those were made, convert them (headstart convert, same --origin), and predict on that file.",
      },
    );
  }
  const { id, pooling, normalize } = recorded;
  if (id !== undefined && pooling !== undefined && normalize !== undefined) {
    return { ...recorded, id, pooling, normalize };
  }
  throw new HeadstartError("model", "The head does not say which backbone it was trained on", {
    hint: "Embed the input yourself, and predict on the embeddings file.",
  });
}
