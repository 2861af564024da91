import fc from "fast-check";
import {
  type Attribute,
  DATA_TYPES,
  type DataType,
  type Graph,
  type Model,
  type Node,
  type Tensor,
  type ValueInfo,
} from "../../src/onnx/model.js";

const bytes = fc.uint8Array({ maxLength: 24 });
/** Any text that UTF-8 can hold, odd names among it. */
const name = fc.oneof(
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.constantFrom("__proto__", "constructor", "", "\ufeffx", "a\0b", "x", "y"),
);
const whole = fc.oneof(fc.nat(), fc.maxSafeNat());
const int64 = fc.oneof(
  fc.maxSafeInteger(),
  fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n), 2n ** 60n, -(2n ** 53n)),
);
const dtype = fc.constantFrom(...(Object.keys(DATA_TYPES) as DataType[]));

const tensor: fc.Arbitrary<Tensor> = fc.oneof(
  fc.record({
    name,
    dtype: dtype.filter((type) => type !== "string"),
    dims: fc.array(whole, { maxLength: 4 }),
    content: fc.record({ kind: fc.constant("raw" as const), bytes }),
  }),
  fc.record({
    name,
    dtype: fc.constant("string" as const),
    dims: fc.array(whole, { maxLength: 4 }),
    content: fc.record({ kind: fc.constant("strings" as const), values: fc.array(bytes, { maxLength: 4 }) }),
  }),
  fc.record({
    name,
    dtype,
    dims: fc.array(whole, { maxLength: 4 }),
    content: fc.record({
      kind: fc.constant("external" as const),
      entries: fc.dictionary(name, name, { maxKeys: 3 }).map(plain),
    }),
  }),
);

const valueInfo: fc.Arbitrary<ValueInfo> = fc.record({
  name,
  dtype,
  shape: fc.option(
    fc.array(
      fc.oneof(
        whole,
        name.filter((text) => text !== ""),
      ),
      { maxLength: 4 },
    ),
    { nil: null },
  ),
});

const { graph } = fc.letrec<{ graph: Graph; node: Node; attribute: Attribute }>((tie) => ({
  attribute: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.record({ type: fc.constant("float" as const), value: fc.float() }),
    fc.record({ type: fc.constant("int" as const), value: int64 }),
    fc.record({ type: fc.constant("string" as const), value: bytes }),
    fc.record({ type: fc.constant("tensor" as const), value: tensor }),
    fc.record({ type: fc.constant("floats" as const), value: fc.float32Array({ maxLength: 5 }) }),
    fc.record({ type: fc.constant("ints" as const), value: fc.array(int64, { maxLength: 5 }) }),
    fc.record({ type: fc.constant("strings" as const), value: fc.array(bytes, { maxLength: 5 }) }),
    fc.record({ type: fc.constant("graph" as const), value: tie("graph") as fc.Arbitrary<Graph> }),
  ),
  node: fc.record({
    name,
    opType: name,
    domain: name.filter((text) => text !== "ai.onnx"),
    inputs: fc.array(name, { maxLength: 3 }),
    outputs: fc.array(name, { maxLength: 3 }),
    attributes: fc.dictionary(name, tie("attribute") as fc.Arbitrary<Attribute>, { maxKeys: 3 }).map(plain),
    unknown: fc.constant([]),
  }),
  graph: fc.record({
    name,
    nodes: fc.array(tie("node") as fc.Arbitrary<Node>, { maxLength: 3 }),
    initializers: fc.array(tensor, { maxLength: 3 }),
    inputs: fc.array(valueInfo, { maxLength: 2 }),
    outputs: fc.array(valueInfo, { maxLength: 2 }),
    valueInfos: fc.array(valueInfo, { maxLength: 2 }),
    unknown: fc.constant([]),
  }),
}));

/** Any model in the form that the decoder gives. */
export const arbitraryModel: fc.Arbitrary<Model> = fc.record({
  irVersion: fc.nat(),
  producerName: name,
  opsets: fc
    .dictionary(
      name.filter((text) => text !== "ai.onnx"),
      fc.nat(),
      { maxKeys: 3 },
    )
    .map(plain),
  graph,
  metadata: fc.dictionary(name, name, { maxKeys: 3 }).map(plain),
  unknown: fc.constant([]),
});

/** An object like any other, whatever prototype it was made with. */
function plain<T>(dictionary: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(dictionary));
}
