import { statSync } from "node:fs";
import { join } from "node:path";
import type { BackboneSpec } from "../backbones/backbone.js";
import { embeddedFolder, embeddedIds, embeddedManifest } from "../backbones/embedded.js";
import type { Manifest } from "../backbones/manifest.js";
import { resolveBackbone } from "../backbones/resolve-backbone.js";
import type { BackboneSummary } from "./types.js";

/** The embedded backbones, sorted by id. */
export async function listBackbones(): Promise<BackboneSummary[]> {
  const manifests = await Promise.all((await embeddedIds()).map(embeddedManifest));
  return manifests.filter((manifest) => manifest !== null).map(summaryOf);
}

/**
 * One backbone in full: an embedded one, or a folder.
 * @throws {HeadstartError} `model` if it is not found or not understood.
 */
export async function showBackbone(
  id: string,
): Promise<BackboneSummary & { spec: BackboneSpec; fingerprint: string; folder: string }> {
  const { spec, fingerprint, origin } = await resolveBackbone(id);
  const manifest = await embeddedManifest(id);
  const summary = manifest
    ? summaryOf(manifest)
    : {
        id: spec.id,
        modality: spec.modality,
        dim: spec.dim,
        license: origin.license ?? "unknown",
        parameters: null,
        bytes: sizeOf(join(origin.folder, "onnx", "model.onnx")),
        source: origin.source ?? origin.folder,
        notes: [],
      };
  return { ...summary, spec, fingerprint, folder: origin.folder };
}

function summaryOf(manifest: Manifest): BackboneSummary {
  const { id, modality, dim, license, parameters, source, notes, weights } = manifest;
  const bytes = sizeOf(join(embeddedFolder(id), weights.file));
  return {
    id,
    modality,
    dim,
    license,
    parameters,
    bytes,
    source: `npm ${source.package}@${source.version}`,
    notes,
  };
}

function sizeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.size ?? null;
}
