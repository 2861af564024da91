import { HeadstartError } from "../core/errors.js";
import type { Attribute, DataType, Graph, Model, Node, Tensor, ValueInfo } from "./model.js";
import { tensorSharer } from "./share-tensors.js";
import {
  float32Tensor,
  float64Tensor,
  int8Tensor,
  int64Tensor,
  stringTensor,
  uint8Tensor,
} from "./tensor.js";

/** The name of a tensor inside the graph being built. */
export type TensorName = string;

/** An attribute's value; how it is stored follows from its form. */
export type AttributeValue =
  | { int: number | bigint }
  | { float: number }
  | { string: string }
  | { ints: readonly number[] }
  | { floats: ArrayLike<number> }
  | { strings: readonly string[] }
  | { tensor: Tensor };

export interface GraphBuilder {
  /** Declares an input. A string in `shape` names a free dimension. */
  input(name: string, dtype: DataType, shape: readonly (number | string)[]): TensorName;
  float32(values: ArrayLike<number>, dims: readonly number[], name?: string): TensorName;
  float64(values: ArrayLike<number>, dims: readonly number[], name?: string): TensorName;
  int64(values: ArrayLike<number>, dims: readonly number[], name?: string): TensorName;
  int8(values: Int8Array, dims: readonly number[], name?: string): TensorName;
  uint8(values: Uint8Array, dims: readonly number[], name?: string): TensorName;
  strings(values: readonly string[], dims: readonly number[], name?: string): TensorName;
  /** Adds a node with one output and returns the output's name. */
  op(
    type: string,
    inputs: readonly TensorName[],
    attributes?: Record<string, AttributeValue>,
    options?: { domain?: string; name?: string },
  ): TensorName;
  /** Adds a node with `count` outputs. */
  ops(
    type: string,
    inputs: readonly TensorName[],
    count: number,
    attributes?: Record<string, AttributeValue>,
    options?: { domain?: string; name?: string },
  ): TensorName[];
  /** Makes `tensor` an output of the graph under the name `name`. */
  output(tensor: TensorName, name: string, dtype: DataType, shape: readonly (number | string)[]): void;
  /** The finished model. */
  build(metadata?: Record<string, string>): Model;
}

export interface GraphBuilderOptions {
  readonly name: string;
  /** Version of `ai.onnx`; 17 by default. */
  readonly opset?: number;
  /** Version of `ai.onnx.ml`; 3 by default, declared only where a node uses it. */
  readonly mlOpset?: number;
  /** Keep large tensors with the same elements once. Default false. */
  readonly share?: boolean;
  /** A model to build on: its nodes, weights and inputs stay, its outputs are replaced by new ones. */
  readonly base?: Model;
}

const encoder = new TextEncoder();

/**
 * Builds an ONNX graph node by node, in execution order.
 * @example
 * const g = graphBuilder({ name: "linear" });
 * const x = g.input("embedding", "float32", ["n", 4]);
 * g.output(g.op("MatMul", [x, g.float32(w, [4, 2])]), "scores", "float32", ["n", 2]);
 * const bytes = encodeModel(g.build());
 */
export function graphBuilder(options: GraphBuilderOptions): GraphBuilder {
  const { base, opset = 17, mlOpset = 3, share = false } = options;
  const nodes: Node[] = base ? [...base.graph.nodes] : [];
  const initializers: Tensor[] = base ? [...base.graph.initializers] : [];
  const inputs: ValueInfo[] = base ? [...base.graph.inputs] : [];
  const outputs: ValueInfo[] = [];
  const domains: Record<string, number> = base ? { ...base.opsets } : { "": opset };
  const taken = new Set<string>([...inputs, ...initializers].map((tensor) => tensor.name));
  if (base) for (const name of namesIn(base.graph)) taken.add(name);

  const claim = (wanted: string): string => {
    let name = wanted;
    for (let i = 1; taken.has(name); i++) name = `${wanted}_${i}`;
    taken.add(name);
    return name;
  };
  const sharedTensor = share ? tensorSharer() : null;
  const constant = (tensor: Tensor): TensorName => {
    const same = sharedTensor?.(tensor);
    if (same !== undefined && same !== tensor.name) return same;
    initializers.push(tensor);
    return tensor.name;
  };
  const self: GraphBuilder = {
    input(name, dtype, shape) {
      if (taken.has(name)) throw new HeadstartError("model", `Graph '${options.name}' has '${name}' already`);
      taken.add(name);
      inputs.push({ name, dtype, shape });
      return name;
    },
    float32: (values, dims, name = "w") => constant(float32Tensor(claim(name), values, dims)),
    float64: (values, dims, name = "w") => constant(float64Tensor(claim(name), values, dims)),
    int64: (values, dims, name = "i") => constant(int64Tensor(claim(name), values, dims)),
    int8: (values, dims, name = "w") => constant(int8Tensor(claim(name), values, dims)),
    uint8: (values, dims, name = "w") => constant(uint8Tensor(claim(name), values, dims)),
    strings: (values, dims, name = "s") => constant(stringTensor(claim(name), values, dims)),
    op: (type, from, attributes, nodeOptions) => self.ops(type, from, 1, attributes, nodeOptions)[0]!,
    ops(type, from, count, attributes = {}, { domain = "", name = type.toLowerCase() } = {}) {
      for (const input of from) {
        if (input !== "" && !taken.has(input)) {
          throw new HeadstartError(
            "model",
            `Graph '${options.name}': ${type} reads '${input}', which nothing makes`,
          );
        }
      }
      if (domain !== "") domains[domain] ??= domain === "ai.onnx.ml" ? mlOpset : 1;
      const made = Array.from({ length: count }, () => claim(name));
      const encoded = Object.entries(attributes).map(([key, value]) => [key, attribute(value)] as const);
      nodes.push({
        name: made[0]!,
        opType: type,
        domain,
        inputs: from,
        outputs: made,
        attributes: Object.fromEntries(encoded),
        unknown: [],
      });
      return made;
    },
    output(tensor, name, dtype, shape) {
      let source = tensor;
      if (tensor !== name) {
        if (taken.has(name))
          throw new HeadstartError("model", `Graph '${options.name}' has '${name}' already`);
        taken.add(name);
        nodes.push({
          name: `output_${name}`,
          opType: "Identity",
          domain: "",
          inputs: [tensor],
          outputs: [name],
          attributes: {},
          unknown: [],
        });
        source = name;
      }
      outputs.push({ name: source, dtype, shape });
    },
    build: (metadata = {}) => ({
      irVersion: base ? base.irVersion : 8,
      producerName: "headstart",
      opsets: domains,
      metadata: { ...base?.metadata, ...metadata },
      unknown: base ? base.unknown : [],
      graph: {
        name: options.name,
        nodes,
        initializers,
        inputs,
        outputs,
        valueInfos: base ? base.graph.valueInfos : [],
        unknown: base ? base.graph.unknown : [],
      },
    }),
  };
  return self;
}

/** What the nodes of a graph make, graphs inside them included: an inner name must not stand for two tensors. */
function namesIn(graph: Graph): string[] {
  return graph.nodes.flatMap((node) => [
    ...node.outputs,
    ...Object.values(node.attributes).flatMap((inner) =>
      inner.type === "graph"
        ? [...namesIn(inner.value), ...inner.value.initializers.map((tensor) => tensor.name)]
        : [],
    ),
  ]);
}

function attribute(value: AttributeValue): Attribute {
  if ("int" in value) return { type: "int", value: value.int };
  if ("float" in value) return { type: "float", value: value.float };
  if ("string" in value) return { type: "string", value: encoder.encode(value.string) };
  if ("ints" in value) return { type: "ints", value: value.ints };
  if ("floats" in value) return { type: "floats", value: Float32Array.from(value.floats) };
  if ("strings" in value) return { type: "strings", value: encodeAll(value.strings) };
  return { type: "tensor", value: value.tensor };
}

/** Equal strings share their bytes: a forest says the same two words a hundred thousand times. */
function encodeAll(texts: readonly string[]): Uint8Array[] {
  const known = new Map<string, Uint8Array>();
  return texts.map((text) => {
    let bytes = known.get(text);
    if (bytes === undefined) {
      bytes = encoder.encode(text);
      known.set(text, bytes);
    }
    return bytes;
  });
}
