import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { HeadstartError } from "../core/errors.js";
import { sha256 } from "../core/hash.js";
import { decodeModel } from "../onnx/decode-model.js";
import { encodeModel } from "../onnx/encode-model.js";
import type { Model } from "../onnx/model.js";
import type { Backbone, BackboneSpec, Layer, Modality, Pooling, Precision, Resize } from "./backbone.js";
import { type Checkpoint, readCheckpoint } from "./checkpoint.js";
import { checkpointFolder } from "./checkpoint-folder.js";
import { embeddedFolder, embeddedManifest } from "./embedded.js";
import { openEncoder } from "./encoder.js";
import { fingerprintOf } from "./fingerprint.js";
import { checkImageInput } from "./graph/check-inputs.js";
import { embeddedFeature } from "./graph/embedded-feature.js";
import { imageFeature } from "./graph/image-feature.js";
import { type FeatureGraph, textFeature } from "./graph/text-feature.js";
import { describeImagePreprocessing, imagePreprocessor } from "./image/image-preprocessor.js";
import type { Manifest } from "./manifest.js";
import { loadText } from "./text/text-preprocessor.js";

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
  const feature: FeatureOf = (build) =>
    manifest ? embeddedFeature(manifest, bytes, options) : build(decodeModel(bytes), options);
  const prepared =
    checkpoint.modality === "text"
      ? await prepareText(checkpoint, feature)
      : prepareImage(checkpoint, feature);
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

/** What only the modality decides. */
type Prepared = Pick<Parts, "preprocessor" | "preprocessing" | "image" | "padId" | "feature" | "dim">;

async function prepareText(checkpoint: Checkpoint, feature: FeatureOf): Promise<Prepared> {
  const { preprocessor, description, padId } = await loadText(checkpoint);
  const { sentence, config } = checkpoint;
  const taken = feature((model, { pooling, normalize }) =>
    textFeature(model, {
      pooling: pooling ?? sentence.pooling ?? "mean",
      normalize: normalize ?? sentence.normalize ?? false,
    }),
  );
  return {
    preprocessor,
    preprocessing: description,
    image: null,
    padId,
    feature: taken,
    dim: taken.dim ?? numberOr(config.hidden_size, null),
  };
}

function prepareImage(checkpoint: Checkpoint, feature: FeatureOf): Prepared {
  const preprocessor = imagePreprocessor(checkpoint.preprocessor);
  const taken = feature((model, { pooling, normalize }) => {
    checkImageInput(model, preprocessor);
    return imageFeature(model, { pooling: pooling ?? null, normalize: normalize ?? false });
  });
  return {
    preprocessor,
    preprocessing: describeImagePreprocessing(checkpoint.preprocessor),
    image: { width: preprocessor.width, height: preprocessor.height },
    padId: 0,
    feature: taken,
    dim: taken.dim ?? numberOr(checkpoint.config.hidden_size, null),
  };
}

const numberOr = <T>(value: unknown, other: T): number | T => (typeof value === "number" ? value : other);

/** The feature graph of a backbone; `build` is asked only where the file's own graph is not one already. */
type FeatureOf = (build: (model: Model, options: BackboneOptions) => FeatureGraph) => Parts["feature"];

interface Parts {
  readonly bytes: Uint8Array;
  readonly weightsDigest: string;
  /** `model` null: the file's own graph is run as it is. */
  readonly feature: Omit<FeatureGraph, "model"> & { readonly model: Model | null };
  readonly dim: number | null;
  readonly image: { readonly width: number; readonly height: number } | null;
  readonly padId: number;
  readonly preprocessing: Readonly<Record<string, unknown>>;
  readonly preprocessor: Backbone["preprocessor"];
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
