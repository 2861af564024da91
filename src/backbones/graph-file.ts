import { HeadstartError } from "../core/errors.js";
import type { Modality, Precision } from "./backbone.js";

/** Names of the graph by what it reads, the one made for it first. */
const STEMS: Readonly<Record<Modality, readonly string[]>> = {
  text: ["text_model", "model", "encoder_model", "decoder_model"],
  image: ["vision_model", "model", "encoder_model"],
  audio: ["audio_model", "encoder_model", "model"],
};
const KINDS = Object.keys(STEMS) as Modality[];

/**
 * What exporters put behind the name, the preferred first. Of several int8 exports the same one is taken on every
 * machine, so that vectors and fingerprints agree: Xenova's and optimum's, then sentence-transformers' by processor.
 */
const SUFFIXES: Readonly<Record<Precision, readonly string[]>> = {
  fp32: ["", "_fp32"],
  fp16: ["_fp16"],
  int8: [
    "_quantized",
    "_int8",
    "_uint8",
    "_qint8_avx512_vnni",
    "_qint8_avx512",
    "_quint8_avx2",
    "_qint8_arm64",
  ],
};

const FOLDERS = ["onnx/", ""];

/**
 * The graph of a checkpoint in the precision asked for: `onnx/model.onnx`, `onnx/vision_model_fp16.onnx` and their kin.
 * @param files - paths relative to the checkpoint's folder, with forward slashes.
 * @returns one of `files`, or null where there is none.
 */
export function graphFile(files: readonly string[], precision: Precision, modality: Modality): string | null {
  const present = new Set(files);
  for (const stem of STEMS[modality]) {
    for (const suffix of SUFFIXES[precision]) {
      for (const folder of FOLDERS) {
        const path = `${folder}${stem}${suffix}.onnx`;
        if (present.has(path)) return path;
      }
    }
  }
  return null;
}

/**
 * Every graph that the precision asked for may need: one where the modality is known, or where all kinds of content
 * go through the same graph; else one for each kind that has its own (CLIP: text and vision).
 */
export function graphFiles(
  files: readonly string[],
  precision: Precision,
  modality: Modality | null,
): readonly string[] {
  if (modality !== null) {
    const path = graphFile(files, precision, modality);
    return path === null ? [] : [path];
  }
  const found = KINDS.map((kind) => ({ kind, path: graphFile(files, precision, kind) }));
  const own = found.filter(({ kind, path }) => path?.includes(STEMS[kind][0]!));
  const paths = (own.length > 0 ? own : found.slice(0, 1)).map(({ path }) => path);
  return [...new Set(paths.filter((path) => path !== null))];
}

/** Files of weights that lie beside a graph: `model.onnx_data`, `model.onnx_data_1`, `model.onnx.data`. */
export function externalDataFiles(files: readonly string[], graph: string): readonly string[] {
  const names = [`${graph}_data`, `${graph}.data`];
  return files.filter((file) => names.some((name) => file === name || /^_\d+$/.test(restOf(file, name))));
}

/** The precisions that a checkpoint has a graph in. */
export function precisionsOf(
  files: readonly string[],
  modality: Modality | null = null,
): readonly Precision[] {
  const kinds = modality === null ? KINDS : [modality];
  return (Object.keys(SUFFIXES) as Precision[]).filter((precision) =>
    kinds.some((kind) => graphFile(files, precision, kind) !== null),
  );
}

/**
 * The error for a checkpoint without the graph asked for; it lists those that are there.
 * @param name - the checkpoint's id or folder.
 */
export function missingGraph(
  name: string,
  files: readonly string[],
  precision: Precision,
  modality: Modality | null = null,
): HeadstartError {
  const graphs = files.filter((file) => file.endsWith(".onnx"));
  const facts = { name, precision, modality, graphs: graphs.slice(0, 50) };
  if (graphs.length === 0) {
    return new HeadstartError("model", `${name} has no ONNX export`, { facts, hint: exportHint(name) });
  }
  const precisions = precisionsOf(files, modality);
  const kind = modality === null ? "" : ` for ${modality}`;
  if (precisions.length === 0) {
    return new HeadstartError("model", `${name} has no graph${kind} under a known name`, {
      facts,
      hint: `It has ${listed(graphs)}. Copy the one you mean to onnx/model.onnx of a folder of its own.`,
    });
  }
  return new HeadstartError("model", `${name} has no ${precision} graph${kind}`, {
    facts,
    hint: `It has ${precisions.join(", ")} (${listed(graphs)}): use --precision ${precisions[0]}.`,
  });
}

/** How to come by an ONNX export of a checkpoint that has none. */
function exportHint(name: string): string {
  const isId = /^[\w.-]+\/[\w.-]+$/.test(name) && !name.startsWith(".");
  const short = isId ? name.split("/").at(-1) : "exported";
  const model = /^[\w./:\\-]+$/.test(name) ? name : `"${name}"`;
  const twins = isId
    ? ` Somebody may have exported it: look for onnx-community/${short} or Xenova/${short}.`
    : "";
  return (
    `Export it once, with Python: pip install optimum-onnx && optimum-cli export onnx --model ${model} ` +
    `--task feature-extraction ./${short}, then use that folder.${twins}`
  );
}

function listed(files: readonly string[]): string {
  const shown = files.slice(0, 12).join(", ");
  return files.length > 12 ? `${shown} and ${files.length - 12} more` : shown;
}

function restOf(file: string, start: string): string {
  return file.startsWith(start) ? file.slice(start.length) : "";
}
