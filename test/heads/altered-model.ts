import { decodeModel } from "../../src/onnx/decode-model.js";
import { encodeModel } from "../../src/onnx/encode-model.js";
import type { Attribute, Tensor } from "../../src/onnx/model.js";

/** The same file with its largest table of weights, an initializer or an attribute of trees, times -1.5. */
export function alteredModel(bytes: Uint8Array): Uint8Array {
  const model = decodeModel(bytes.slice());
  const { initializers, nodes } = model.graph;
  const attributes = nodes.flatMap((node) => Object.values(node.attributes).map(numbersOf));
  const tables = [...initializers.map(tensorNumbers), ...attributes].flatMap((table) => table ?? []);
  const largest = tables.sort((a, b) => b.length - a.length)[0]!;
  for (let k = 0; k < largest.length; k++) largest[k]! *= -1.5;
  const changed = encodeModel({
    ...model,
    graph: {
      ...model.graph,
      initializers: initializers.map((tensor) => restored(tensor, largest)),
      nodes,
    },
  });
  if (Buffer.from(changed).equals(bytes)) throw new Error("nothing was altered");
  return changed;
}

type Numbers = Float32Array | Float64Array;
const copies = new WeakMap<Tensor, Numbers>();

/** The elements of a tensor of numbers, copied, as its bytes may lie at any address. */
function tensorNumbers(tensor: Tensor): Numbers | null {
  const { dtype, content } = tensor;
  if (content.kind !== "raw" || (dtype !== "float32" && dtype !== "float64")) return null;
  const { buffer } = content.bytes.slice();
  const copy = dtype === "float32" ? new Float32Array(buffer) : new Float64Array(buffer);
  copies.set(tensor, copy);
  return copy;
}

const numbersOf = (attribute: Attribute): Numbers | null =>
  attribute.type === "floats" ? attribute.value : null;

function restored(tensor: Tensor, changed: Numbers): Tensor {
  if (copies.get(tensor) !== changed) return tensor;
  return { ...tensor, content: { kind: "raw", bytes: new Uint8Array(changed.buffer) } };
}
