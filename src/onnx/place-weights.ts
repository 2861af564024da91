import { closeSync, openSync, readSync } from "node:fs";
import { dirname, parse, relative, sep } from "node:path";
import { HeadstartError } from "../core/errors.js";
import { externalTensor } from "./external-data.js";
import { type ExternalRange, externalRange } from "./external-path.js";
import { mapTensors } from "./map-tensors.js";
import type { Model, Tensor } from "./model.js";

/** Tensors below this many bytes lie in the graph itself, where its tools can read them. */
const INLINE_BYTES = 65_536;

/** A graph whose large weights stay in the files that they came in. */
export interface PlacedModel {
  /** Large weights are `external`: location under `folder`, offset and length. */
  readonly model: Model;
  /** Absolute, links resolved. */
  readonly folder: string;
  /** Files other than the graph's own that weights lie in: as the graph names them, and where they really are. */
  readonly files: readonly { readonly location: string; readonly path: string }[];
}

/**
 * Makes the large weights of a decoded file references into that file: what is left of the model is small, so that
 * cutting and encoding it costs milliseconds, and the runtime maps the weights from disk.
 * @param model - decoded from `file.bytes`, its weights views on them.
 * @param file - `path` with links resolved; `folder` as the user gave it, where the graph's own external weights lie.
 * @throws {HeadstartError} `model` as `externalRange` does, or for weights of functions and sparse tensors elsewhere.
 */
export function placeWeights(
  model: Model,
  file: { readonly path: string; readonly folder: string; readonly bytes: Uint8Array },
): PlacedModel {
  refuseHidden(model);
  const ranges = new Map<Tensor, ExternalRange>();
  const files = new Map<string, string>();
  const found = mapTensors(model.graph, (tensor, place) => {
    const { content } = tensor;
    if (content.kind === "external") {
      const range = externalRange(file.folder, tensor);
      files.set(content.entries.location ?? "", range.path);
      // The runtime takes no attribute from another file.
      if (place === "attribute" || range.length < INLINE_BYTES) {
        return { ...tensor, content: { kind: "raw", bytes: readRange(range) } };
      }
      ranges.set(tensor, range);
    } else if (place === "weight" && content.kind === "raw" && content.bytes.buffer === file.bytes.buffer) {
      const { byteOffset, length } = content.bytes;
      const offset = byteOffset - file.bytes.byteOffset;
      if (length >= INLINE_BYTES) ranges.set(tensor, { path: file.path, offset, length });
    }
    return tensor;
  });
  const folder = commonFolder([file.path, ...files.values()]);
  const graph = mapTensors(found, (tensor) => {
    const range = ranges.get(tensor);
    if (range === undefined) return tensor;
    const location = relative(folder, range.path).split(sep).join("/");
    const entries = { location, offset: String(range.offset), length: String(range.length) };
    return { ...tensor, content: { kind: "external", entries } };
  });
  return {
    model: { ...model, graph },
    folder,
    files: [...files].map(([location, path]) => ({ location, path })),
  };
}

/** Functions and sparse tensors are not decoded; what they take from other files cannot be checked. */
function refuseHidden(model: Model): void {
  const none = { kind: "raw", bytes: new Uint8Array(0) } as const;
  const graph = mapTensors(model.graph, (tensor) =>
    tensor.content.kind === "external" ? { ...tensor, content: none } : tensor,
  );
  const hidden = externalTensor({ ...model, graph });
  if (hidden === null) return;
  throw new HeadstartError("model", `The graph's tensor '${hidden}' lies in another file than the graph`, {
    facts: { tensor: hidden },
    hint: "Save the model as one file: onnx.save(onnx.load('model.onnx'), 'whole.onnx')",
  });
}

function readRange({ path, offset, length }: ExternalRange): Uint8Array {
  const bytes = new Uint8Array(length);
  const file = openSync(path, "r");
  try {
    for (let at = 0; at < length; ) {
      const read = readSync(file, bytes, at, length - at, offset + at);
      if (read === 0) throw new HeadstartError("model", `${path} became shorter while it was read`);
      at += read;
    }
  } finally {
    closeSync(file);
  }
  return bytes;
}

/** The deepest folder that all the files lie in: the runtime takes no weights from outside of one. */
function commonFolder(paths: readonly string[]): string {
  let folder = dirname(paths[0]!);
  const holds = (path: string): boolean => path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
  while (!paths.every(holds) && folder !== parse(folder).root) folder = dirname(folder);
  return folder;
}
