import { HeadstartError } from "../core/errors.js";
import { fieldsNumbered } from "./decode-hidden.js";
import { describeNode } from "./describe-node.js";
import { elementCount, storedBytes } from "./element-count.js";
import { graphsIn } from "./graphs-in.js";
import type { Graph, Node, Tensor } from "./model.js";
import { FETCH_AGAIN, type Refuse } from "./refusal.js";

/** A tensor that a node makes of constants alone may have this many elements; the runtime makes it while loading. */
const MAX_CONSTANT = 2 ** 28;

/** Numbers of attribute types in `AttributeProto`. */
const GRAPHS = 10;
const SPARSE = [11, 12];

/**
 * Refuses tensors that do not hold what they declare, sparse ones, and nodes that blow constants up to a size beyond all
 * measure. Sizes that the graph computes are not seen. Tensors in other files are not looked at.
 */
export function checkTensors(graph: Graph, refuse: Refuse): void {
  if (fieldsNumbered(graph.unknown, 15).length > 0) {
    throw refuse("has sparse weights, whose size is not that of the file", SAVE_DENSE);
  }
  const constants = new Map<string, Tensor>();
  for (const tensor of graph.initializers) {
    checkTensor(tensor, refuse);
    constants.set(tensor.name, tensor);
  }
  checkNodeTensors(graph.nodes, constants, refuse);
}

const SAVE_DENSE = "Export it with dense weights (initializer, not sparse_initializer).";

/** The same for nodes on their own, as those of a function. */
export function checkNodeTensors(
  nodes: readonly Node[],
  constants: Map<string, Tensor>,
  refuse: Refuse,
): void {
  for (const node of nodes) {
    for (const [name, attribute] of Object.entries(node.attributes)) {
      if (attribute.type === "tensor") {
        checkTensor(attribute.value, refuse);
        if (node.opType === "Constant") constants.set(node.outputs[0] ?? "", attribute.value);
      }
      if (attribute.type === "other" && SPARSE.includes(attribute.id)) {
        throw refuse(`attribute '${name}' of ${describeNode(node)} is a sparse tensor`, SAVE_DENSE);
      }
      if (attribute.type === "other" && attribute.id === GRAPHS) {
        throw refuse(`attribute '${name}' of ${describeNode(node)} is a list of graphs`, FETCH_AGAIN);
      }
    }
    checkMade(node, constants, refuse);
    for (const inner of graphsIn(node.attributes)) checkTensors(inner, refuse);
  }
}

function checkTensor(tensor: Tensor, refuse: Refuse): void {
  const { content, name, dtype } = tensor;
  if (content.kind === "external") {
    if (dtype === "string")
      throw refuse(`tensor '${name}' has its strings in another file`, FETCH_AGAIN, { tensor: name });
    return;
  }
  const count = counted(tensor, refuse);
  const wanted = content.kind === "strings" ? count : storedBytes(dtype, count);
  const present = content.kind === "strings" ? content.values.length : content.bytes.length;
  if (wanted === present) return;
  const unit = content.kind === "strings" ? "strings" : "bytes";
  throw refuse(
    `tensor '${name}' (${dtype} [${tensor.dims.join(", ")}]) should have ${wanted ?? "no"} ${unit} and has ${present}`,
    FETCH_AGAIN,
    { tensor: name, dtype, dims: tensor.dims, expected: wanted, present },
  );
}

function counted(tensor: Tensor, refuse: Refuse): number {
  try {
    return elementCount(tensor);
  } catch (error) {
    if (!(error instanceof HeadstartError)) throw error;
    throw refuse(error.message, FETCH_AGAIN, error.facts);
  }
}

/** Which input of an operator is the shape of what it makes. */
const SHAPE_INPUT: Readonly<Record<string, number>> = { ConstantOfShape: 0, Expand: 1 };

/** Operators whose output's shape is an attribute. */
const SHAPE_ATTRIBUTE = ["RandomNormal", "RandomUniform"];

function checkMade(node: Node, constants: ReadonlyMap<string, Tensor>, refuse: Refuse): void {
  const sizes = madeSizes(node, constants);
  if (sizes === null) return;
  const elements = sizes.reduce((product, size) => product * size, 1);
  if (elements <= MAX_CONSTANT) return;
  throw refuse(
    `${describeNode(node)} makes a tensor of [${sizes.slice(0, 8).join(", ")}]; the limit is ${MAX_CONSTANT} elements`,
    FETCH_AGAIN,
    { node: node.name, operator: node.opType, elements, limit: MAX_CONSTANT },
  );
}

/** Sizes, or factors of them, that a node is given as constants. */
function madeSizes(node: Node, constants: ReadonlyMap<string, Tensor>): number[] | null {
  const { opType, attributes, inputs } = node;
  if (node.domain !== "") return null;
  if (SHAPE_ATTRIBUTE.includes(opType)) {
    const shape = attributes.shape;
    return shape?.type === "ints" ? shape.value.map(Number) : null;
  }
  if (opType === "Tile") return numbersOf(constants.get(inputs[1] ?? ""));
  if (opType === "Range") {
    const [start, limit, step] = [0, 1, 2].map((i) => numbersOf(constants.get(inputs[i] ?? ""))?.[0]);
    if (start === undefined || limit === undefined || step === undefined) return null;
    return [Math.max(0, Math.ceil((limit - start) / step))];
  }
  const place = SHAPE_INPUT[opType];
  return place === undefined ? null : numbersOf(constants.get(inputs[place] ?? ""));
}

function numbersOf(tensor: Tensor | undefined): number[] | null {
  if (tensor?.content.kind !== "raw") return null;
  const { bytes } = tensor.content;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (tensor.dtype === "int64")
    return numbers(bytes.length / 8, (i) => Number(view.getBigInt64(8 * i, true)));
  if (tensor.dtype === "int32") return numbers(bytes.length / 4, (i) => view.getInt32(4 * i, true));
  if (tensor.dtype === "float32") return numbers(bytes.length / 4, (i) => view.getFloat32(4 * i, true));
  return null;
}

function numbers(length: number, at: (i: number) => number): number[] {
  return Array.from({ length: Math.min(64, length) }, (_, i) => at(i));
}
