import { HeadstartError } from "../core/errors.js";
import { graphsIn } from "./graphs-in.js";
import type { Attribute, Graph, Node, Tensor } from "./model.js";
import { tensorNames } from "./rename-graph.js";
import { int64Tensor } from "./tensor.js";

/** The oldest `ai.onnx` that a graph can be converted to. */
export const OLDEST_OPSET = 11;

/** Since which version an operator takes its axes as an input; before, as an attribute. */
const AXES_INPUT: Readonly<Record<string, number>> = {
  ReduceSum: 13,
  Squeeze: 13,
  Unsqueeze: 13,
  ...Object.fromEntries(
    ["L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "SumSquare"].map((kind) => [
      `Reduce${kind}`,
      18,
    ]),
  ),
};

/** Comparisons that came with version 12, as the negation of older ones. */
const NEGATED: Readonly<Record<string, string>> = { LessOrEqual: "Greater", GreaterOrEqual: "Less" };

/**
 * A graph of this project's own operators, written for another version of `ai.onnx`: axes and splits move between
 * attributes and inputs, comparisons and defaults become those of that version. Operators that mean the same in both
 * are left alone; those that the other version does not have are refused by the runtime, not here.
 * @param graph - without graphs inside its nodes.
 * @throws {HeadstartError} `model` for a version below {@link OLDEST_OPSET}, or where axes are computed.
 */
export function convertOpset(graph: Graph, from: number, to: number): Graph {
  if (from === to) return graph;
  if (to < OLDEST_OPSET) {
    throw new HeadstartError("model", `Operator set ${to} of ai.onnx is too old to add nodes to`, {
      facts: { opset: to, oldest: OLDEST_OPSET },
      hint: "Export the backbone again with a newer opset: optimum-cli export onnx --opset 17 …",
    });
  }
  const inner = graph.nodes.find(({ attributes }) => graphsIn(attributes).length > 0);
  if (inner !== undefined) {
    throw new HeadstartError("model", `${inner.opType} '${inner.name}' cannot be written for opset ${to}`, {
      facts: { node: inner.name, from, to },
    });
  }
  const taken = tensorNames(graph);
  const claim = (wanted: string): string => {
    let name = wanted;
    for (let i = 1; taken.has(name); i++) name = `${wanted}_${i}`;
    taken.add(name);
    return name;
  };
  const weights = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
  const added: Tensor[] = [];
  const context: Context = {
    from,
    to,
    claim,
    numbers: (name) => wholeNumbers(weights.get(name)),
    constant(values) {
      const tensor = int64Tensor(claim("axes"), values, [values.length]);
      added.push(tensor);
      return tensor.name;
    },
  };
  const nodes = graph.nodes.flatMap((node) => (node.domain === "" ? convert(node, context) : [node]));
  return { ...graph, nodes, initializers: [...graph.initializers, ...added] };
}

interface Context {
  readonly from: number;
  readonly to: number;
  claim(name: string): string;
  /** The values of a constant; null for what is computed. */
  numbers(name: string): number[] | null;
  constant(values: readonly number[]): string;
}

function convert(node: Node, context: Context): Node[] {
  const { from, to } = context;
  const { opType } = node;
  const since = AXES_INPUT[opType];
  if (since !== undefined) return [moveInput(node, "axes", from >= since, to >= since, context)];
  if (opType === "Split") {
    const moved = moveInput(node, "split", from >= 13, to >= 13, context);
    const counted = to >= 18 && moved.inputs.length < 2;
    return [
      counted ? withAttribute(moved, "num_outputs", { type: "int", value: node.outputs.length }) : moved,
    ];
  }
  if (to < 13 && from >= 13 && (opType === "Softmax" || opType === "LogSoftmax")) {
    return [node.attributes.axis ? node : withAttribute(node, "axis", { type: "int", value: -1 })];
  }
  if (to < 12 && (opType === "ArgMax" || opType === "ArgMin")) {
    const { select_last_index: last, ...attributes } = node.attributes;
    if (last?.type === "int" && Number(last.value) !== 0) return [node];
    return [{ ...node, attributes }];
  }
  const older = NEGATED[opType];
  if (to < 12 && older !== undefined) {
    const [output] = node.outputs;
    const opposite = context.claim(`${output}_not`);
    return [
      { ...node, name: opposite, opType: older, outputs: [opposite] },
      { ...node, opType: "Not", inputs: [opposite], attributes: {} },
    ];
  }
  return [node];
}

/** Moves an operator's second input of whole numbers to the attribute of that name, or back. */
function moveInput(
  node: Node,
  name: string,
  isInput: boolean,
  becomesInput: boolean,
  context: Context,
): Node {
  if (isInput === becomesInput) return node;
  if (becomesInput) {
    const { [name]: given, ...attributes } = node.attributes;
    if (given?.type !== "ints") return node;
    return { ...node, attributes, inputs: [node.inputs[0]!, context.constant(given.value.map(Number))] };
  }
  const [data, input = ""] = node.inputs;
  if (input === "") return node;
  const values = context.numbers(input);
  if (values === null) {
    throw new HeadstartError("model", `${node.opType} '${node.name}' computes its ${name}`, {
      facts: { node: node.name, input, from: context.from, to: context.to },
      hint: "Export the backbone again with opset 17.",
    });
  }
  return withAttribute({ ...node, inputs: [data!] }, name, { type: "ints", value: values });
}

const withAttribute = (node: Node, name: string, value: Attribute): Node => ({
  ...node,
  attributes: { ...node.attributes, [name]: value },
});

function wholeNumbers(tensor: Tensor | undefined): number[] | null {
  if (tensor?.dtype !== "int64" || tensor.content.kind !== "raw") return null;
  const { bytes } = tensor.content;
  return Array.from(new BigInt64Array(bytes.slice().buffer), Number);
}
