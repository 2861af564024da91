import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { HeadstartError } from "../core/errors.js";
import { sha256 } from "../core/hash.js";
import { decodeModel } from "../onnx/decode-model.js";
import { encodeModel } from "../onnx/encode-model.js";
import type { Backbone, BackboneSpec, Layer, Modality, Pooling, Precision, Resize } from "./backbone.js";
import { type Checkpoint, readCheckpoint } from "./checkpoint.js";
import { checkpointFolder } from "./checkpoint-folder.js";
import { embeddedFolder, embeddedManifest } from "./embedded.js";
import { openEncoder } from "./encoder.js";
import { familyOf } from "./families.js";
import { fingerprintOf } from "./fingerprint.js";
import { embeddedFeature } from "./graph/embedded-feature.js";
import type { Manifest } from "./manifest.js";
import { prepareAudio } from "./prepare-audio.js";
import { prepareImage } from "./prepare-image.js";
import { prepareText } from "./prepare-text.js";
import type { Preparation, Prepared } from "./prepared.js";

export interface BackboneOptions {
  /** Which side of a checkpoint that reads several kinds of content. */
  readonly modality?: Modality;
  /** Branch, tag or commit of a Hub id; default `main`. */
  readonly revision?: string;
  /** Which export of the weights; default `fp32`. */
  readonly precision?: Precision;
  /** Where the feature is taken; default: what the family is used by. */
  readonly layer?: Layer;
  /** Before each text: the name of one of the checkpoint's prompts, or the words; default: its default prompt. */
  readonly prompt?: string;
  /** Of images; default `exact`. */
  readonly resize?: Resize;
  /** Default: what the checkpoint says, else the habit of its kind (text: mean; feature maps: mean). */
  readonly pooling?: Pooling;
  /** L2-normalise; default: what the checkpoint says, else no. */
  readonly normalize?: boolean;
}

/**
 * Finds a backbone by its id or folder and makes it ready: pooling and normalisation lie inside its graph.
 * @param id - an embedded id (`use-lite`), a folder in Hugging Face layout (`./bert`), or a Hub id (`Xenova/bert-base-uncased`)
 *   whose folder has been put under `models/`.
 * @throws {HeadstartError} `model` if it is not found, incomplete or not understood.
 */
export async function resolveBackbone(id: string, options: BackboneOptions = {}): Promise<Backbone> {
  const manifest = await embeddedManifest(id);
  const folder = manifest === null ? await checkpointFolder(id) : embeddedFolder(id);
  if (manifest !== null && !existsSync(join(folder, manifest.weights.file))) {
    throw new HeadstartError("model", `The embedded backbone '${id}' has not been built`, {
      facts: { id, folder },
      hint: "Run: npm run models",
    });
  }
  const checkpoint = await readCheckpoint(folder);
  const bytes = await readFile(checkpoint.graph);
  const weightsDigest = sha256(bytes);
  if (manifest !== null && weightsDigest !== manifest.weights.sha256) {
    throw new HeadstartError("model", `The weights of '${id}' are not those of its manifest`, {
      facts: { expected: manifest.weights.sha256, actual: weightsDigest, file: checkpoint.graph },
      hint: "Delete the file and run: npm run models",
    });
  }
  const { family } = familyOf(checkpoint.config);
  const preparation: Preparation = {
    checkpoint,
    options,
    family,
    feature: (build) => (manifest ? embeddedFeature(manifest, bytes, options) : build(decodeModel(bytes))),
  };
  const prepared = await PREPARE[checkpoint.modality](preparation);
  const { pooling } = prepared.feature;
  if (options.pooling !== undefined && options.pooling !== pooling) {
    throw new HeadstartError(
      "usage",
      `The graph of '${id}' pools by itself; '${options.pooling}' cannot be had`,
      { facts: { pooling: options.pooling, layer: prepared.feature.layer }, hint: "Leave --pooling out." },
    );
  }
  return assemble(id, checkpoint, manifest, { ...prepared, bytes, weightsDigest });
}

const PREPARE = { text: prepareText, image: prepareImage, audio: prepareAudio } as const;

interface Parts extends Prepared {
  readonly bytes: Uint8Array;
  readonly weightsDigest: string;
}

function assemble(id: string, checkpoint: Checkpoint, manifest: Manifest | null, parts: Parts): Backbone {
  const { feature, dim, image, padId } = parts;
  if (dim === null) {
    throw new HeadstartError(
      "model",
      `${checkpoint.folder}: neither the graph nor config.json says how long a vector is`,
      {
        hint: "Add hidden_size to config.json.",
      },
    );
  }
  const spec: BackboneSpec = Object.freeze({
    id: manifest ? manifest.id : id.replaceAll("\\", "/"),
    revision: manifest ? `${manifest.source.package}@${manifest.source.version}` : null,
    weightsDigest: parts.weightsDigest,
    modality: checkpoint.modality,
    dim,
    layer: feature.layer,
    pooling: feature.pooling,
    normalize: feature.normalize,
    precision: manifest?.precision ?? "fp32",
    preprocessing: parts.preprocessing,
  });
  const shape = { dim, image, padId, readsMask: feature.readsMask };
  return Object.freeze<Backbone>({
    spec,
    fingerprint: fingerprintOf(spec),
    origin: {
      folder: checkpoint.folder,
      license: manifest?.license ?? null,
      source: manifest ? `npm ${manifest.source.package}@${manifest.source.version}` : null,
    },
    preprocessor: parts.preprocessor,
    open: (session) => openEncoder(feature.model ? encodeModel(feature.model) : parts.bytes, shape, session),
  });
}
