import { sha256 } from "../core/hash.js";
import type { Tensor } from "./model.js";

/** Tensors below this size are not worth a digest, in bytes. */
const SMALLEST = 4096;

/** Finds tensors that were there before. @returns the name of the first tensor with the same type, shape and elements. */
export function tensorSharer(): (tensor: Tensor) => string {
  const known = new Map<string, string>();
  return ({ name, dtype, dims, content }) => {
    if (content.kind !== "raw" || content.bytes.length < SMALLEST) return name;
    const key = `${dtype} ${dims.join(" ")} ${sha256(content.bytes)}`;
    const first = known.get(key);
    if (first !== undefined) return first;
    known.set(key, name);
    return name;
  };
}
