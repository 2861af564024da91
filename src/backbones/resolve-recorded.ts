import { HeadstartError } from "../core/errors.js";
import type { Backbone, BackboneSpec } from "./backbone.js";
import type { BackboneOptions } from "./backbone-options.js";
import { localCheckpoint } from "./checkpoint-folder.js";
import { LAYERS_JOINED_BY } from "./graph/tap-layers.js";
import { resolveBackbone } from "./resolve-backbone.js";

/** What an embeddings file or a head records of its backbone; older ones record less. */
export type RecordedBackbone = Pick<BackboneSpec, "id" | "pooling" | "normalize"> & Partial<BackboneSpec>;

/**
 * Finds the backbone that was recorded, with the options that made its vectors: side, precision, layer, pooling,
 * normalisation, prompt, limit of tokens, resizing, and the commit of a Hub id.
 * @param fingerprint - of the vectors.
 * @param place - where the backbone lies now; default: its recorded id.
 * @param control - hears of a download, and can stop it.
 * @returns the backbone of that fingerprint; where none has it, the first that can be had.
 * @throws {HeadstartError} as `resolveBackbone` does; `model` if it was a folder that is gone: the Hub is not asked for
 *   what never came from it.
 */
export async function resolveRecorded(
  recorded: RecordedBackbone,
  fingerprint: string,
  place?: string,
  control: Pick<BackboneOptions, "onProgress" | "signal"> = {},
): Promise<Backbone> {
  if (place === undefined) checkStillHere(recorded);
  let first: Backbone | null = null;
  let failure: unknown = null;
  for (const options of attempts(optionsOf(recorded, place === undefined), recorded)) {
    // Only a layer that was asked for differs from the one that is taken without asking.
    if (first !== null && options.layer !== undefined && first.spec.layer === recorded.layer) continue;
    // Another limit of tokens is another backbone: only the error about it is worth having.
    if (first !== null && options.maxTokens === undefined && tokensOf(recorded) !== undefined) continue;
    try {
      const backbone = await resolveBackbone(place ?? recorded.id, { ...options, ...control });
      if (backbone.fingerprint === fingerprint) return backbone;
      first ??= backbone;
    } catch (error) {
      if (!(error instanceof HeadstartError) || error.code === "interrupted") throw error;
      failure ??= error;
    }
  }
  if (first !== null) return first;
  throw failure;
}

function checkStillHere({ id, revision }: RecordedBackbone): void {
  if (revision !== null || localCheckpoint(id) !== null) return;
  throw new HeadstartError("model", `The backbone '${id}' was a folder, and is not here`, {
    facts: { id },
    hint: "Say where it lies now: --backbone <folder>; or, if the Hub has it, --backbone <id>.",
  });
}

/** With and without the precision, as a file of no special name may hold any; then the same with the layer. */
function attempts(options: BackboneOptions, { layer, precision }: RecordedBackbone): BackboneOptions[] {
  const { precision: _, ...anyPrecision } = options;
  const files = precision === undefined || precision === "fp32" ? [options] : [options, anyPrecision];
  // A folder that lies where a Hub id is looked for first has no revisions, and may be the same backbone.
  const plain = files.flatMap(({ revision, ...anyRevision }) =>
    revision === undefined ? [anyRevision] : [{ ...anyRevision, revision }, anyRevision],
  );
  const names = layer?.split(LAYERS_JOINED_BY);
  const layered =
    names === undefined
      ? []
      : plain.map((one) => ({ ...one, layer: names.length === 1 ? names[0]! : names }));
  const anyLimit = options.maxTokens === undefined ? [] : plain.map(({ maxTokens: _, ...one }) => one);
  return [...plain, ...layered, ...anyLimit];
}

function tokensOf({ modality, preprocessing }: RecordedBackbone): number | undefined {
  const tokens = modality === "text" ? preprocessing?.maxTokens : undefined;
  return typeof tokens === "number" ? tokens : undefined;
}

function optionsOf(recorded: RecordedBackbone, atItsId: boolean): BackboneOptions {
  const { modality, precision, pooling, normalize, revision, preprocessing } = recorded;
  const { resampler } = preprocessing ?? {};
  const maxTokens = tokensOf(recorded);
  // Where none is recorded there was none: the checkpoint may have a default one all the same.
  const prompt = modality === "text" && preprocessing ? (preprocessing.prompt ?? "") : undefined;
  return {
    normalize,
    ...(pooling !== "none" && { pooling }),
    ...(modality !== undefined && { modality }),
    ...(precision !== undefined && { precision }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(typeof prompt === "string" && { prompt }),
    ...(modality === "image" &&
      typeof resampler === "string" &&
      resampler !== "pillow" && { resize: "fast" as const }),
    ...(atItsId && typeof revision === "string" && /^[0-9a-f]{40}$/.test(revision) && { revision }),
  };
}
