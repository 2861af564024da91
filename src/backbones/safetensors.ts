import { readFile } from "node:fs/promises";
import { HeadstartError, messageOf } from "../core/errors.js";
import { sha256 } from "../core/hash.js";

/** A tensor of a `.safetensors` file, widened to float32. */
export interface SafeTensor {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** Longest header that is read. */
const MOST_HEADER_BYTES = 16 * 2 ** 20;

/**
 * Reads all tensors of a `.safetensors` file: a header of JSON after its length in eight bytes, then the numbers.
 * @returns the tensors by name, and the SHA-256 of the file.
 * @throws {HeadstartError} `model` naming the file if it is damaged or a tensor is no F32, F16 or BF16.
 * @see https://github.com/huggingface/safetensors, "Format"
 */
export async function readSafetensors(
  path: string,
): Promise<{ readonly tensors: ReadonlyMap<string, SafeTensor>; readonly digest: string }> {
  const bytes = await readFile(path);
  const damaged = (what: string, cause?: unknown): HeadstartError =>
    new HeadstartError("model", `${path} is damaged: ${what}`, {
      facts: { path },
      hint: "Fetch the file again.",
      ...(cause === undefined ? {} : { cause }),
    });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8) throw damaged("it ends before its header");
  const length = Number(view.getBigUint64(0, true));
  if (length > MOST_HEADER_BYTES || 8 + length > bytes.length) throw damaged(`a header of ${length} bytes`);
  let header: Record<string, unknown>;
  try {
    header = JSON.parse(bytes.toString("utf8", 8, 8 + length)) as Record<string, unknown>;
  } catch (cause) {
    throw damaged(`its header is no JSON: ${messageOf(cause)}`, cause);
  }
  const tensors = new Map<string, SafeTensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
    if (!isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) throw damaged(`'${name}' has no shape`);
    const [from, to] = [8 + length + offsets[0]!, 8 + length + offsets[1]!];
    const count = shape.reduce((product, size) => product * size, 1);
    const width = dtype === "F32" ? 4 : dtype === "F16" || dtype === "BF16" ? 2 : null;
    if (width === null) {
      throw new HeadstartError(
        "model",
        `${path}: '${name}' is ${String(dtype)}; read are F32, F16 and BF16`,
        {
          facts: { path, tensor: name, dtype },
        },
      );
    }
    if (to > bytes.length || to - from !== count * width)
      throw damaged(`'${name}' does not fill its ${to - from} bytes`);
    tensors.set(name, { dims: shape, data: widen(view, from, count, dtype as "F32" | "F16" | "BF16") });
  }
  return { tensors, digest: sha256(bytes) };
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
