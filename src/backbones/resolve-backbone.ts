import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import { HeadstartError } from "../core/errors.js";
import { sha256 } from "../core/hash.js";
import { packageRoot } from "../core/package-root.js";
import { decodeModel } from "../onnx/decode-model.js";
import { encodeModel } from "../onnx/encode-model.js";
import type { Model } from "../onnx/model.js";
import type { Backbone, BackboneSpec, Pooling } from "./backbone.js";
import { type Checkpoint, readCheckpoint } from "./checkpoint.js";
import { embeddedFolder, embeddedIds, embeddedManifest } from "./embedded.js";
import { openEncoder } from "./encoder.js";
import { fingerprintOf } from "./fingerprint.js";
import { imageFeature } from "./graph/image-feature.js";
import { type FeatureGraph, textFeature } from "./graph/text-feature.js";
import { describeImagePreprocessing, imagePreprocessor } from "./image/image-preprocessor.js";
import type { Manifest } from "./manifest.js";
import { loadText } from "./text/text-preprocessor.js";

export interface BackboneOptions {
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
  const folder = manifest === null ? await folderOf(id) : embeddedFolder(id);
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
  return checkpoint.modality === "text"
    ? textBackbone(id, checkpoint, manifest, bytes, weightsDigest, options)
    : imageBackbone(id, checkpoint, manifest, bytes, weightsDigest, options);
}

async function folderOf(id: string): Promise<string> {
  const folder = resolve(id);
  if (existsSync(folder)) return folder;
  const isPath = id.startsWith(".") || isAbsolute(id) || id.split(/[/\\]/).length > 2;
  if (!isPath) {
    const fetched = join("models", id);
    const places = [resolve(fetched), join(packageRoot(), fetched)];
    const found = places.find((place) => existsSync(join(place, "config.json")));
    if (found !== undefined) return found;
  }
  if (isPath || !id.includes("/")) {
    throw new HeadstartError("model", `No backbone '${id}': neither an embedded one nor a folder`, {
      facts: { id },
      hint: `Embedded: ${(await embeddedIds()).join(", ")}. A folder needs config.json and onnx/model.onnx.`,
    });
  }
  throw new HeadstartError(
    "model",
    `'${id}' is not on this machine, and this version does not download from the Hub yet`,
    {
      facts: { id },
      hint: `Fetch it once: hf download ${id} --local-dir models/${id}`,
    },
  );
}

async function textBackbone(
  id: string,
  checkpoint: Checkpoint,
  manifest: Manifest | null,
  bytes: Uint8Array,
  weightsDigest: string,
  options: BackboneOptions,
): Promise<Backbone> {
  const text = await loadText(checkpoint);
  const feature = manifest
    ? embeddedFeature(manifest, bytes, options)
    : textFeature(decodeModel(bytes), {
        pooling: options.pooling ?? checkpoint.sentence.pooling ?? "mean",
        normalize: options.normalize ?? checkpoint.sentence.normalize ?? false,
      });
  const dim = feature.dim ?? (checkpoint.config.hidden_size as number | undefined) ?? null;
  return assemble(id, checkpoint, manifest, {
    bytes,
    weightsDigest,
    feature,
    dim,
    image: null,
    padId: text.padId,
    preprocessing: text.description,
    preprocessor: text.preprocessor,
  });
}

async function imageBackbone(
  id: string,
  checkpoint: Checkpoint,
  manifest: Manifest | null,
  bytes: Uint8Array,
  weightsDigest: string,
  options: BackboneOptions,
): Promise<Backbone> {
  const preprocessor = imagePreprocessor(checkpoint.preprocessor);
  const feature = manifest
    ? embeddedFeature(manifest, bytes, options)
    : imageFeature(decodeModel(bytes), {
        pooling: options.pooling ?? null,
        normalize: options.normalize ?? false,
      });
  const dim = feature.dim ?? (checkpoint.config.hidden_dim as number | undefined) ?? null;
  return assemble(id, checkpoint, manifest, {
    bytes,
    weightsDigest,
    feature,
    dim,
    image: { width: preprocessor.width, height: preprocessor.height },
    padId: 0,
    preprocessing: describeImagePreprocessing(checkpoint.preprocessor),
    preprocessor,
  });
}

/** An embedded backbone's graph already ends in its embedding; only normalisation can be added to it. */
function embeddedFeature(
  manifest: Manifest,
  bytes: Uint8Array,
  options: BackboneOptions,
): Omit<FeatureGraph, "model"> & { model: Model | null } {
  const { id, pooling, layer, dim } = manifest;
  const normalize = options.normalize ?? manifest.normalize;
  if (options.pooling !== undefined && options.pooling !== pooling) {
    throw new HeadstartError(
      "usage",
      `'${id}' is pooled by '${pooling}' inside its graph; '${options.pooling}' cannot be had`,
      {
        hint: "Leave --pooling out for the embedded backbones.",
      },
    );
  }
  if (manifest.normalize && !normalize) {
    throw new HeadstartError("usage", `'${id}' always normalises its vectors`, {
      hint: "Leave --no-normalize out.",
    });
  }
  const model =
    normalize === manifest.normalize
      ? null
      : imageFeature(decodeModel(bytes), { pooling: null, normalize }).model;
  return { model, pooling, normalize, layer, dim };
}

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
  return Object.freeze<Backbone>({
    spec,
    fingerprint: fingerprintOf(spec),
    origin: {
      folder: checkpoint.folder,
      license: manifest?.license ?? null,
      source: manifest ? `npm ${manifest.source.package}@${manifest.source.version}` : null,
    },
    preprocessor: parts.preprocessor,
    open: (session) =>
      openEncoder(feature.model ? encodeModel(feature.model) : parts.bytes, { dim, image, padId }, session),
  });
}
