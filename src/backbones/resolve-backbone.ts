import { HeadstartError } from "../core/errors.js";
import { encodeModel } from "../onnx/encode-model.js";
import type { GraphFile } from "../onnx/open-graph-file.js";
import { probeShapes } from "../onnx/probe-shapes.js";
import type { Backbone, BackboneSpec, Modality } from "./backbone.js";
import type { BackboneOptions } from "./backbone-options.js";
import type { Checkpoint } from "./checkpoint.js";
import type { CheckpointFolder } from "./checkpoint-folder.js";
import { fingerprintOf } from "./fingerprint.js";
import { embeddedFeature } from "./graph/embedded-feature.js";
import { precisionOf } from "./graph/precision-of.js";
import { probeFeeds } from "./graph/probe-feeds.js";
import { sourceGraph } from "./graph/source-graph.js";
import type { Manifest } from "./manifest.js";
import { openCheckpoint } from "./open-checkpoint.js";
import { openEncoders } from "./open-encoders.js";
import type { Preparation, Prepared } from "./prepared.js";
import { probeSize } from "./probe-size.js";
import { weightBytes } from "./weight-bytes.js";

/**
 * Finds a backbone by its id or folder and makes it ready: pooling and normalisation lie inside its graph.
 * @param id - an embedded id (`use-lite`), a folder in Hugging Face layout (`./bert`), or a Hub id
 *   (`Xenova/bert-base-uncased`).
 * @throws {HeadstartError} `model` if it is not found, incomplete or not understood; `usage` if it cannot be had with
 *   these options.
 */
export async function resolveBackbone(id: string, options: BackboneOptions = {}): Promise<Backbone> {
  const { manifest, place, checkpoint, file } = await openCheckpoint(id, options);
  const { family, modality } = checkpoint;
  checkFit(id, modality, options);
  const source =
    manifest !== null && options.layer === undefined
      ? null
      : await sourceGraph(file, { ...options, modality, family, checkpoint });
  const prepared = await PREPARE[modality]({
    checkpoint,
    options,
    family,
    feature: (build) => {
      if (source === null) return embeddedFeature(manifest!, file.model, options);
      return { ...build(source.model), ...source.recorded };
    },
  });
  const { pooling } = prepared.feature;
  if (options.pooling !== undefined && options.pooling !== pooling) {
    throw new HeadstartError(
      "usage",
      `The graph of '${id}' pools by itself; '${options.pooling}' cannot be had`,
      { facts: { pooling: options.pooling, layer: prepared.feature.layer }, hint: "Leave --pooling out." },
    );
  }
  const dim = prepared.dim ?? (await dimOf(prepared, file, checkpoint));
  return assemble(id, place, { checkpoint, manifest, file, prepared, dim });
}

/** @throws {HeadstartError} `usage` for an option that could change no vector of such content. */
function checkFit(
  id: string,
  modality: Modality,
  { prompt = "", maxTokens, resize = "exact" }: BackboneOptions,
): void {
  const [option, reads] =
    modality !== "text" && (prompt !== "" || maxTokens !== undefined)
      ? [prompt !== "" ? "--prompt" : "--max-tokens", "texts"]
      : resize !== "exact" && modality !== "image"
        ? ["--resize", "images"]
        : [null, null];
  if (option === null) return;
  throw new HeadstartError("usage", `${option} is for ${reads}; '${id}' does not read them here`, {
    facts: { option, modality },
    hint: `Leave ${option} out.`,
  });
}

/** The length of a vector where neither the graph nor config.json says: that of one that is made. */
async function dimOf({ feature }: Prepared, file: GraphFile, checkpoint: Checkpoint): Promise<number> {
  const { model } = feature;
  const name = model.graph.outputs[0]!.name;
  const feeds = probeFeeds(model, await probeSize(checkpoint, 1));
  const [found] = await probeShapes(model, [name], [feeds], file.folder);
  return found!.get(name)!.dims.at(-1)!;
}

/** Loads what prepares one kind of content, and that alone. */
const PREPARE = {
  text: async (wanted: Preparation) => (await import("./prepare-text.js")).prepareText(wanted),
  image: async (wanted: Preparation) => (await import("./prepare-image.js")).prepareImage(wanted),
  audio: async (wanted: Preparation) => (await import("./prepare-audio.js")).prepareAudio(wanted),
} as const;

interface Parts {
  readonly checkpoint: Checkpoint;
  readonly manifest: Manifest | null;
  readonly file: GraphFile;
  readonly prepared: Prepared;
  readonly dim: number;
}

function assemble(id: string, place: CheckpointFolder, parts: Parts): Backbone {
  const { checkpoint, manifest, file, prepared, dim } = parts;
  const { feature, image, spectrogram, padId } = prepared;
  const spec: BackboneSpec = Object.freeze({
    id: manifest ? manifest.id : id.replaceAll("\\", "/"),
    revision: place.commit,
    weightsDigest: file.digest,
    modality: checkpoint.modality,
    dim,
    layer: feature.layer,
    pooling: feature.pooling,
    normalize: feature.normalize,
    precision: manifest?.precision ?? precisionOf(file.model),
    preprocessing: prepared.preprocessing,
  });
  const shape = { dim, image, spectrogram, padId, readsMask: feature.readsMask };
  return Object.freeze<Backbone>({
    spec,
    fingerprint: fingerprintOf(spec),
    origin: { folder: checkpoint.folder, license: place.license, source: place.source },
    preprocessor: prepared.preprocessor,
    async open(session) {
      await file.check();
      const placed = { weights: file.folder, weightBytes: weightBytes(feature.model) };
      return openEncoders(encodeModel(feature.model), shape, { ...session, ...placed });
    },
    async graph() {
      await file.check();
      return { model: feature.model, folder: file.folder, shape };
    },
  });
}
