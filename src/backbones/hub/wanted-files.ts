import type { Modality, Precision } from "../backbone.js";
import { externalDataFiles, graphFile, graphFiles, missingGraph } from "../graph-file.js";

/** Configuration of a checkpoint, of its preprocessing, and of sentence-transformers' modules. */
const CONFIGURATION = [
  /^config\.json$/,
  /^(preprocessor|processor|feature_extractor|image_processor)_config\.json$/,
  /^(tokenizer_config|special_tokens_map|added_tokens)\.json$/,
  /^(modules|config_sentence_transformers|sentence_\w+_config)\.json$/,
  /^\d+_\w+\/[\w-]+\.json$/,
];
/** A tokenizer in parts, for checkpoints without `tokenizer.json`. */
const TOKENIZER_PARTS =
  /^(vocab\.(txt|json)|merges\.txt|spiece\.model|spm\.model|tokenizer\.model|sentencepiece\.bpe\.model)$/;
/** Weights of sentence-transformers' Dense modules; `pytorch_model.bin`, a program of a kind, is never downloaded. */
const MODULE_WEIGHTS = /^\d+_Dense\w*\/model\.safetensors$/;

/**
 * The files of a repository that a backbone is made of, in the precision asked for.
 * @param files - paths in the repository.
 * @throws {HeadstartError} `model` if it has no such graph; the error lists those that there are.
 */
export function wantedFiles(
  id: string,
  files: readonly string[],
  precision: Precision,
  modality: Modality | null,
): readonly string[] {
  const graphs = graphFiles(files, precision, modality);
  if (graphs.length === 0) throw missingGraph(id, files, precision, modality);
  const tokenizer = files.includes("tokenizer.json")
    ? ["tokenizer.json"]
    : files.filter((file) => TOKENIZER_PARTS.test(file));
  return [
    ...files.filter((file) => CONFIGURATION.some((pattern) => pattern.test(file))),
    ...tokenizer,
    ...files.filter((file) => MODULE_WEIGHTS.test(file)),
    ...weightFiles(files, graphs),
  ];
}

/** Graphs and the weights beside them. */
export function weightFiles(files: readonly string[], graphs: readonly string[]): readonly string[] {
  return graphs.flatMap((graph) => [graph, ...externalDataFiles(files, graph)]);
}

/** The graphs of one precision, for whatever they read, and the weights beside them. */
export function graphsOfPrecision(files: readonly string[], precision: Precision): readonly string[] {
  const kinds = ["text", "image", "audio"] as const;
  const graphs = kinds.map((kind) => graphFile(files, precision, kind)).filter((path) => path !== null);
  return weightFiles(files, [...new Set(graphs)]);
}
