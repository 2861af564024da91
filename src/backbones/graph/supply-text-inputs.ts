import { HeadstartError } from "../../core/errors.js";
import { type GraphBuilder, graphBuilder, type TensorName } from "../../onnx/graph-builder.js";
import { DATA_TYPES, type Model, type ValueInfo } from "../../onnx/model.js";
import { unfitInput } from "./check-inputs.js";

/** What a session of a text encoder is fed with. */
const FED = ["input_ids", "attention_mask", "token_type_ids"];

/**
 * A text encoder that takes nothing but token ids, mask and segments, `[batch, tokens]` int64 each. What else it asks
 * for is made inside the graph: `position_ids` and `past_key_values.*`, which are empty.
 * @param positionsAfter - null: positions count from 0; a token's id: that token has its id for its position, the others
 *   count from behind it, as RoBERTa has it.
 * @throws {HeadstartError} `model` naming the input that is not understood or cannot be fed batches of any size.
 */
export function supplyTextInputs(model: Model, positionsAfter: number | null): Model {
  const { inputs } = model.graph;
  const fed = inputs.filter(({ name }) => FED.includes(name));
  for (const input of fed) checkFed(input);
  const others = inputs.filter(({ name }) => !FED.includes(name));
  if (!inputs.some(({ name }) => name === "input_ids")) throw notUnderstood("no input 'input_ids'", inputs);
  if (others.length === 0) return model;
  const bare: Model = { ...model, graph: { ...model.graph, nodes: [], initializers: [], inputs: fed } };
  const graph = graphBuilder({ name: model.graph.name, base: bare });
  for (const input of others) {
    if (input.name === "position_ids") positions(graph, input, positionsAfter);
    else if (/^past_key_values\b/.test(input.name)) emptyPast(graph, input);
    else throw notUnderstood(`the input '${input.name}'`, inputs);
  }
  const made = graph.build().graph;
  return {
    ...model,
    graph: {
      ...model.graph,
      inputs: fed,
      nodes: [...made.nodes, ...model.graph.nodes],
      initializers: [...made.initializers, ...model.graph.initializers],
    },
  };
}

function checkFed(input: ValueInfo): void {
  if (input.dtype !== "int64") throw unfitInput(input, "int64", "Export it with int64 token ids.");
  if (input.shape?.some((size) => typeof size === "number")) {
    throw unfitInput(input, "[batch, tokens] of any size", "Export it with dynamic axes for both.");
  }
}

function notUnderstood(what: string, inputs: readonly ValueInfo[]): HeadstartError {
  const wants = what.startsWith("no ") ? "has" : "wants";
  return new HeadstartError("model", `The text encoder ${wants} ${what}, which is not understood`, {
    facts: { inputs: inputs.map(({ name }) => name) },
    hint: `Export it with the inputs ${FED.join(", ")} only (task: feature-extraction).`,
  });
}

/** Names of what is made here start so: an exporter's own tensors do not. */
const named = (name: string) => ({ name: `headstart_${name}` });

/** `[batch, tokens]`; padding stands on the right, so that it shifts no token. */
function positions(graph: GraphBuilder, input: ValueInfo, after: number | null): void {
  const places = after === null ? fromZero(graph) : fromBehind(graph, after);
  graph.op("Cast", [places], { to: { int: DATA_TYPES[input.dtype] } }, { name: input.name });
}

function fromZero(graph: GraphBuilder): TensorName {
  const shape = graph.op("Shape", ["input_ids"], {}, named("shape"));
  const tokens = graph.op("Gather", [shape, graph.int64([1], [], "headstart_axis")], {}, named("tokens"));
  const [zero, one] = [graph.int64([0], [], "headstart_zero"), graph.int64([1], [], "headstart_one")];
  const row = graph.op("Range", [zero, tokens, one], {}, named("row"));
  return graph.op("Expand", [row, shape], {}, named("places"));
}

function fromBehind(graph: GraphBuilder, padId: number): TensorName {
  const padding = graph.int64([padId], [], "headstart_padding");
  const isPad = graph.op("Equal", ["input_ids", padding], {}, named("is_pad"));
  const isToken = graph.op(
    "Cast",
    [graph.op("Not", [isPad], {}, named("is_not"))],
    { to: { int: 7 } },
    named("is_token"),
  );
  const counted = graph.op("CumSum", [isToken, graph.int64([1], [], "headstart_axis")], {}, named("counted"));
  const kept = graph.op("Mul", [counted, isToken], {}, named("kept"));
  return graph.op("Add", [kept, padding], {}, named("places"));
}

/** `[batch, heads, 0, size]`: a decoder's cache that remembers nothing. */
function emptyPast(graph: GraphBuilder, input: ValueInfo): void {
  const [, heads, , size] = input.shape ?? [];
  if (input.shape?.length !== 4 || typeof heads !== "number" || typeof size !== "number") {
    throw unfitInput(
      input,
      "[batch, heads, past, size] with known heads and size",
      "Export it without a cache.",
    );
  }
  const shape = graph.op("Shape", ["input_ids"], {}, named("past_shape"));
  const batch = graph.op(
    "Gather",
    [shape, graph.int64([0], [1], "headstart_first")],
    {},
    named("past_batch"),
  );
  const rest = graph.int64([heads, 0, size], [3], "headstart_past");
  const dims = graph.op("Concat", [batch, rest], { axis: { int: 0 } }, named("past_dims"));
  const bytes = new Uint8Array(input.dtype === "float16" ? 2 : 4);
  const nothing = { name: "", dtype: input.dtype, dims: [1], content: { kind: "raw", bytes } } as const;
  graph.op("ConstantOfShape", [dims], { value: { tensor: nothing } }, { name: input.name });
}
