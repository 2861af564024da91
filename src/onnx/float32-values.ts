import { HeadstartError } from "../core/errors.js";
import type { Tensor } from "./model.js";

/**
 * The elements of a float32 tensor, copied, so that they are aligned whatever file they came in.
 * @throws {HeadstartError} `model` for another type, or for elements that lie in another file.
 */
export function float32Values({ name, dtype, content }: Tensor): Float32Array {
  if (dtype !== "float32" || content.kind !== "raw") {
    throw new HeadstartError("model", `Tensor '${name}' is no float32 tensor in memory`, {
      facts: { tensor: name, dtype, kind: content.kind },
    });
  }
  return new Float32Array(Uint8Array.from(content.bytes).buffer);
}
