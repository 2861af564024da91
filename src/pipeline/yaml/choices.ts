import type { Modality, Pooling, Precision, Resize } from "../../backbones/backbone.js";
import { INPUT_FORMATS } from "../../data/input-formats.js";
import type { VectorType } from "../../embeddings/file/schema.js";
import { SEARCH_METRICS } from "../../evaluation/search/search-metric.js";
import type { Device } from "../../onnx/session.js";
import type { HeadName, TrainOptions } from "../types.js";

/** Heads that can be trained, the default first. */
export const HEADS = [
  "linear-svm",
  "svm",
  "random-forest",
  "extra-trees",
  "gradient-boosting",
  "logistic-regression",
  "mlp",
  "knn",
  "ridge",
  "nearest-centroid",
  "lda",
  "gaussian-nb",
] as const satisfies readonly HeadName[];

/** Whose solver trains a head. */
export const ENGINES = ["headstart", "mljs"] as const;

/** How features are scaled before a head sees them. */
export const SCALES = ["auto", "standard", "minmax", "l2", "none"] as const;

/** Where a backbone can run. */
export const DEVICES = ["auto", "cpu", "cuda", "dml", "coreml", "webgpu"] as const satisfies readonly (
  | Device
  | "auto"
)[];

/** How probabilities are fitted to answers out of fold. */
export const CALIBRATIONS = ["platt", "isotonic"] as const satisfies readonly NonNullable<
  TrainOptions["calibrate"]
>[];

/** What a search can choose by. */
export const METRICS = SEARCH_METRICS;

/** Whether a run measures its settings on its first rows. */
export const TUNES = ["auto", "off"] as const;

/** How token states become one vector. */
export const POOLINGS = [
  "mean",
  "cls",
  "max",
  "last",
  "weighted-mean",
  "mean-sqrt-length",
  "none",
] as const satisfies readonly Pooling[];

/** Kinds of content. */
export const MODALITIES = ["text", "image", "audio"] as const satisfies readonly Modality[];

/** Exports of a backbone's weights. */
export const PRECISIONS = ["fp32", "fp16", "int8"] as const satisfies readonly Precision[];

/** How images reach their size. */
export const RESIZES = ["exact", "fast"] as const satisfies readonly Resize[];

/** How vectors are stored. */
export const STORES = ["fp32", "fp16"] as const satisfies readonly VectorType[];

/** Forms of input. */
export const FORMATS = INPUT_FORMATS;

/** Encodings of text files. */
export const ENCODINGS = ["utf-8", "latin1"] as const;
