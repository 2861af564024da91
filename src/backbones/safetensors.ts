import { readFile, stat } from "node:fs/promises";
import { HeadstartError, messageOf } from "../core/errors.js";
import { sha256 } from "../core/hash.js";
import { jsonSize } from "./json-size.js";

/** A tensor of a `.safetensors` file, widened to float32. */
export interface SafeTensor {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** Longest header that is read. */
const MOST_HEADER_BYTES = 16 * 2 ** 20;
/** Of lists and objects in the header; a sound one has three. */
const MOST_DEPTH = 16;

/** Files of more bytes are refused: the layers read this way (sentence-transformers' Dense) have some ten megabytes. */
const MOST_BYTES = 2 ** 30;

/**
 * Reads all tensors of a `.safetensors` file.
 * @returns the tensors by name, and the SHA-256 of the file.
 * @throws {HeadstartError} `model` if it cannot be read, is no regular file or over 1 GiB, or as `parseSafetensors` does.
 */
export async function readSafetensors(
  path: string,
): Promise<{ readonly tensors: ReadonlyMap<string, SafeTensor>; readonly digest: string }> {
  let bytes: Uint8Array;
  try {
    const file = await stat(path);
    if (!file.isFile()) throw damaged(path, "it is no regular file");
    if (file.size > MOST_BYTES) throw damaged(path, `it has ${file.size} bytes; the limit is ${MOST_BYTES}`);
    bytes = await readFile(path);
  } catch (cause) {
    if (cause instanceof HeadstartError) throw cause;
    throw new HeadstartError("model", `Cannot read ${path}: ${messageOf(cause)}`, {
      facts: { path },
      hint: "Fetch the checkpoint again, all of its files.",
      cause,
    });
  }
  return { tensors: parseSafetensors(bytes, path), digest: sha256(bytes) };
}

/**
 * The tensors of a `.safetensors` file: a header of JSON after its length in eight bytes, then the numbers.
 * @param path - the file, for the error.
 * @throws {HeadstartError} `model` naming the file if it is damaged or a tensor is no F32, F16 or BF16.
 * @see https://github.com/huggingface/safetensors, "Format"
 */
export function parseSafetensors(bytes: Uint8Array, path: string): Map<string, SafeTensor> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8) throw damaged(path, "it ends before its header");
  const length = Number(view.getBigUint64(0, true));
  if (length > MOST_HEADER_BYTES || 8 + length > bytes.length) {
    throw damaged(path, `a header of ${length} bytes`);
  }
  const header = readHeader(bytes.subarray(8, 8 + length), path);
  const tensors = new Map<string, SafeTensor>();
  // Tensors share no bytes, so that together they take no more memory than the file has.
  let room = bytes.length - 8 - length;
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
    if (!isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) {
      throw damaged(path, `'${name}' has no shape`);
    }
    const [from, to] = [8 + length + offsets[0]!, 8 + length + offsets[1]!];
    const count = shape.reduce((product, size) => product * size, 1);
    const width = dtype === "F32" ? 4 : dtype === "F16" || dtype === "BF16" ? 2 : null;
    if (width === null) {
      throw new HeadstartError(
        "model",
        `${path}: '${name}' is ${JSON.stringify(dtype) ?? "of no type"}; read are F32, F16 and BF16`,
        { facts: { path, tensor: name, dtype } },
      );
    }
    if (to > bytes.length || to - from !== count * width) {
      throw damaged(path, `'${name}' does not fill its ${to - from} bytes`);
    }
    room -= to - from;
    if (room < 0) throw damaged(path, `'${name}' shares bytes with another tensor`);
    tensors.set(name, { dims: shape, data: widen(view, from, count, dtype as "F32" | "F16" | "BF16") });
  }
  return tensors;
}

function readHeader(bytes: Uint8Array, path: string): object {
  const { depth } = jsonSize(bytes);
  if (depth > MOST_DEPTH) throw damaged(path, `its header is nested ${depth} deep`);
  try {
    const header: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof header === "object" && header !== null) return header;
  } catch (cause) {
    throw damaged(path, `its header is no JSON: ${messageOf(cause)}`, cause);
  }
  throw damaged(path, "its header is no object");
}

function damaged(path: string, what: string, cause?: unknown): HeadstartError {
  return new HeadstartError("model", `${path} is damaged: ${what}`, {
    facts: { path },
    hint: "Fetch the file again.",
    ...(cause === undefined ? {} : { cause }),
  });
}

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);

function widen(view: DataView, from: number, count: number, dtype: "F32" | "F16" | "BF16"): Float32Array {
  const out = new Float32Array(count);
  if (dtype === "F32") for (let i = 0; i < count; i++) out[i] = view.getFloat32(from + 4 * i, true);
  else if (dtype === "F16")
    for (let i = 0; i < count; i++) out[i] = halfToNumber(view.getUint16(from + 2 * i, true));
  else {
    const lanes = new Uint32Array(out.buffer);
    for (let i = 0; i < count; i++) lanes[i] = view.getUint16(from + 2 * i, true) << 16;
  }
  return out;
}

function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
