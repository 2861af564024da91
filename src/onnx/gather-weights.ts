import { createReadStream } from "node:fs";
import { open, rm } from "node:fs/promises";
import { basename } from "node:path";
import { HeadstartError, messageOf } from "../core/errors.js";
import { encodeModel } from "./encode-model.js";
import { type ExternalRange, externalRange } from "./external-path.js";
import { mapTensors } from "./map-tensors.js";
import type { Model, Tensor } from "./model.js";

/** The largest file that a model is written into as a whole: protobuf ends at 2 GiB. */
export const WHOLE_BYTES = 2 ** 31 - 2 ** 20;

/** A model that depends on no file but its own and the one beside it. */
export interface GatheredModel {
  readonly bytes: Uint8Array;
  /** The file that holds its large weights, beside the model's; null where they are all inside it. */
  readonly dataFile: string | null;
}

/** Weights start at multiples of this, so that they can be mapped. */
const ALIGNMENT = 4096;

/**
 * Brings weights that lie in other files into the model's own file, or, where that would be too large, all of them
 * into one file beside it, which is written here.
 * @param model - external weights relative to `folder`.
 * @param dataFile - where the weights go if they do not fit: beside the model, replaced if it exists.
 * @param limit - bytes of the whole file; default {@link WHOLE_BYTES}.
 * @throws {HeadstartError} `model` for weights that cannot be read, `io` if `dataFile` cannot be written.
 */
export async function gatherWeights(
  model: Model,
  folder: string,
  dataFile: string,
  limit = WHOLE_BYTES,
): Promise<GatheredModel> {
  const ranges = new Map<Tensor, ExternalRange>();
  mapTensors(model.graph, (tensor) => {
    if (tensor.content.kind === "external") ranges.set(tensor, externalRange(folder, tensor));
    return tensor;
  });
  const outside = [...ranges.values()].reduce((sum, { length }) => sum + length, 0);
  const whole = outside + encodeModel(model).length <= limit;
  const contents = whole ? await readInto(ranges) : await writeBeside(ranges, dataFile);
  const graph = mapTensors(model.graph, (tensor) => {
    const content = contents.get(tensor);
    return content === undefined ? tensor : { ...tensor, content };
  });
  return { bytes: encodeModel({ ...model, graph }), dataFile: whole ? null : dataFile };
}

async function readInto(ranges: ReadonlyMap<Tensor, ExternalRange>): Promise<Map<Tensor, Tensor["content"]>> {
  const contents = new Map<Tensor, Tensor["content"]>();
  for (const [tensor, range] of ranges) {
    const bytes = new Uint8Array(range.length);
    let at = 0;
    for await (const chunk of chunksOf(range)) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    contents.set(tensor, { kind: "raw", bytes });
  }
  return contents;
}

async function writeBeside(
  ranges: ReadonlyMap<Tensor, ExternalRange>,
  path: string,
): Promise<Map<Tensor, Tensor["content"]>> {
  const contents = new Map<Tensor, Tensor["content"]>();
  const location = basename(path);
  try {
    const file = await open(path, "w");
    try {
      let at = 0;
      for (const [tensor, range] of ranges) {
        const offset = Math.ceil(at / ALIGNMENT) * ALIGNMENT;
        at = offset;
        for await (const chunk of chunksOf(range)) {
          await file.write(chunk, 0, chunk.length, at);
          at += chunk.length;
        }
        const entries = { location, offset: String(offset), length: String(range.length) };
        contents.set(tensor, { kind: "external", entries });
      }
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    await rm(path, { force: true });
    if (cause instanceof HeadstartError) throw cause;
    throw new HeadstartError("io", `Cannot write ${path}: ${messageOf(cause)}`, {
      facts: { path },
      hint: "Check that the folder can be written, and has space left.",
      cause,
    });
  }
  return contents;
}

/** The bytes of a range, some at a time. @throws {HeadstartError} `model` if there are fewer. */
async function* chunksOf({ path, offset, length }: ExternalRange): AsyncGenerator<Uint8Array> {
  if (length === 0) return;
  let read = 0;
  const stream = createReadStream(path, { start: offset, end: offset + length - 1, highWaterMark: 2 ** 20 });
  for await (const chunk of stream) {
    read += (chunk as Uint8Array).length;
    yield chunk as Uint8Array;
  }
  if (read < length) {
    throw new HeadstartError("model", `${path} became shorter while it was read`, {
      facts: { path },
      hint: "Let the download or export finish, then run again.",
    });
  }
}
