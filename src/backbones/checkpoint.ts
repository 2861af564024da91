import { join } from "node:path";
import { HeadstartError } from "../core/errors.js";
import type { Modality, Precision } from "./backbone.js";
import { checkpointFiles } from "./checkpoint-files.js";
import { type Family, familyOf } from "./families.js";
import { graphFile, missingGraph } from "./graph-file.js";
import { noCheckpoint } from "./no-checkpoint.js";
import { readJson } from "./read-json.js";
import { readSentenceModules, type SentenceModules } from "./sentence-modules.js";

/** A folder in Hugging Face layout, its configuration files read. */
export interface Checkpoint {
  readonly folder: string;
  /** Path of the graph that is run. */
  readonly graph: string;
  readonly modality: Modality;
  /** All that it reads in this precision; several of two-sided networks. */
  readonly sides: readonly Modality[];
  /** The row of its family; null for an unknown one. */
  readonly family: Family | null;
  readonly config: Readonly<Record<string, unknown>>;
  readonly preprocessor: Readonly<Record<string, unknown>> | null;
  /** What sentence-transformers' module files say; null for each that they do not. */
  readonly sentence: SentenceModules;
}

/**
 * Reads `config.json`, `preprocessor_config.json`, sentence-transformers' `modules.json` and finds the graph.
 * @param wanted - `modality` chooses a side of a checkpoint that has several; one that it does not read is not
 *   heeded. `precision` default `fp32`.
 * @throws {HeadstartError} `model` naming the file that is missing.
 */
export async function readCheckpoint(
  folder: string,
  wanted: { readonly modality?: Modality; readonly precision?: Precision } = {},
): Promise<Checkpoint> {
  const { precision = "fp32" } = wanted;
  const files = await checkpointFiles(folder);
  if (!files.some((file) => file.endsWith(".onnx"))) {
    throw files.includes("config.json") ? missingGraph(folder, files, precision) : await noCheckpoint(folder);
  }
  const config = await readJson(join(folder, "config.json"));
  if (config === null) {
    throw new HeadstartError("model", `${folder} has no config.json`, {
      facts: { folder },
      hint: "Copy the checkpoint's config.json beside the onnx folder.",
    });
  }
  const preprocessor = await readPreprocessor(folder, config);
  const { family } = familyOf(config);
  const kinds = modalitiesOf(family, files, preprocessor);
  if (kinds.length === 0) {
    throw new HeadstartError(
      "model",
      `${folder} has neither tokenizer.json (text) nor preprocessor_config.json (images, sounds)`,
      { facts: { folder }, hint: "Copy the checkpoint's other files beside the onnx folder too." },
    );
  }
  const modality = kinds.find((kind) => kind === wanted.modality) ?? kinds[0]!;
  const graph = graphFile(files, precision, modality);
  if (graph === null) throw missingGraph(folder, files, precision, modality);
  return {
    folder,
    graph: join(folder, ...graph.split("/")),
    modality,
    sides: kinds.filter((kind) => graphFile(files, precision, kind) !== null),
    family,
    config,
    preprocessor,
    sentence: await readSentenceModules(folder),
  };
}

/**
 * The settings of pixels or samples: a file of their own, a part of processor_config.json, or, in timm's folders,
 * `pretrained_cfg` of config.json.
 */
async function readPreprocessor(
  folder: string,
  config: Checkpoint["config"],
): Promise<Checkpoint["preprocessor"]> {
  const own = await readJson(join(folder, "preprocessor_config.json"));
  if (own !== null) return own;
  const processor = await readJson(join(folder, "processor_config.json"));
  const parts = [processor?.image_processor, processor?.feature_extractor, config.pretrained_cfg];
  return (
    parts.find((part): part is Record<string, unknown> => part !== null && typeof part === "object") ?? null
  );
}

const TOKENIZERS = ["tokenizer.json", "vocab.txt", "vocab.json", "tokenizer.model", "spiece.model"];

/** What a checkpoint reads, going by its files; of a known family, what that family reads. */
function modalitiesOf(
  family: Family | null,
  files: readonly string[],
  preprocessor: Readonly<Record<string, unknown>> | null,
): Modality[] {
  const found: Modality[] = [];
  if (TOKENIZERS.some((file) => files.includes(file))) found.push("text");
  if (preprocessor !== null) found.push(hears(preprocessor) ? "audio" : "image");
  return family === null ? found : found.filter((kind) => family[kind] !== undefined);
}

function hears(preprocessor: Readonly<Record<string, unknown>>): boolean {
  return preprocessor.sampling_rate !== undefined && preprocessor.image_processor_type === undefined;
}
