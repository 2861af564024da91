import type { Matrix } from "../../linalg/matrix.js";
import { float32Values } from "../../onnx/float32-values.js";
import type { LinearLayer } from "../../onnx/linear-layers.js";

/**
 * A linear layer's weight as `[inputs, outputs]`.
 * @throws {HeadstartError} `model` if it lies in another file.
 */
export function layerWeight({ weight, transposed, inputs, outputs }: LinearLayer): Matrix<Float32Array> {
  const stored = float32Values(weight);
  if (!transposed) return { data: stored, rows: inputs, cols: outputs };
  const data = new Float32Array(stored.length);
  for (let j = 0; j < outputs; j++) {
    for (let i = 0; i < inputs; i++) data[i * outputs + j] = stored[j * inputs + i]!;
  }
  return { data, rows: inputs, cols: outputs };
}
