import { describe, expect, it } from "vitest";
import { checkModel } from "../../src/onnx/check-model.js";
import { decodeModel } from "../../src/onnx/decode-model.js";
import { encodeModel } from "../../src/onnx/encode-model.js";
import { type GraphBuilder, graphBuilder, type TensorName } from "../../src/onnx/graph-builder.js";
import { mergeGraphs } from "../../src/onnx/merge-graphs.js";
import type { Model } from "../../src/onnx/model.js";
import { openSession } from "../../src/onnx/session.js";

const JOINT = { output: "embedding", input: "embedding", prefix: "head_" };
const X = Float32Array.from([1, -2, 3, 0.5, 4, -1]);

/** Doubles two rows of three numbers, through tensors that are called as a head's outputs are. */
function backbone(opset: number, names: readonly string[] = ["scores", "label", "w"]): Model {
  const g = graphBuilder({ name: "backbone", opset });
  let x = g.input("pixels", "float32", ["batch", 3]);
  for (const name of names) x = g.op("Add", [x, g.float32([0], [1])], {}, { name });
  g.output(g.op("Mul", [x, g.float32([2], [1])], {}, { name: "embedding" }), "embedding", "float32", [
    "batch",
    3,
  ]);
  return g.build();
}

/** A head of the nodes that `write` adds, which answers `scores`. */
function head(write: (g: GraphBuilder, x: TensorName) => TensorName, opset = 17): Model {
  const g = graphBuilder({ name: "head", opset });
  const x = g.input("embedding", "float32", ["n", 3]);
  const scores = write(g, g.op("Add", [x, g.float32([1], [1], "w")]));
  g.output(scores, "scores", "float32", ["n", 3]);
  return g.build();
}

async function run(model: Model): Promise<number[]> {
  const session = await openSession(encodeModel(checkModel(model, "merged")), { threads: 1 });
  try {
    const [input, output] = [session.inputs[0]!, session.outputs[0]!];
    const results = await session.run({ [input]: { dtype: "float32", data: X, dims: [2, 3] } });
    return Array.from(results[output]!.data as Float32Array, Number);
  } finally {
    await session.release();
  }
}

/** What the operators below say of `2 X + 1`, in plain arithmetic. */
const Y = [
  [3, -3, 7],
  [2, 9, -1],
];

const OPERATORS: [string, (g: GraphBuilder, x: TensorName) => TensorName, (row: number[]) => number[]][] = [
  [
    "axes as an input (ReduceSum, Unsqueeze, Squeeze)",
    (g, x) => {
      const sum = g.op("ReduceSum", [x, g.int64([1], [1])], { keepdims: { int: 0 } });
      const column = g.op("Unsqueeze", [sum, g.int64([1], [1])]);
      const flat = g.op("Squeeze", [column, g.int64([1], [1])]);
      return g.op("Sub", [x, g.op("Unsqueeze", [flat, g.int64([1], [1])])]);
    },
    (row) => row.map((value) => value - (row[0]! + row[1]! + row[2]!)),
  ],
  [
    "axes as an attribute (ReduceMax, ReduceSumSquare)",
    (g, x) => {
      const attributes = { axes: { ints: [1] } };
      const norm = g.op("Sqrt", [g.op("ReduceSumSquare", [x], attributes)]);
      return g.op("Div", [g.op("Sub", [x, g.op("ReduceMax", [x], attributes)]), norm]);
    },
    (row) => row.map((value) => (value - Math.max(...row)) / Math.hypot(...row)),
  ],
  [
    "the default axis of Softmax",
    (g, x) => g.op("Softmax", [x]),
    (row) => {
      const exps = row.map((value) => Math.exp(value));
      return exps.map((value) => value / exps.reduce((sum, one) => sum + one, 0));
    },
  ],
  [
    "comparisons and ArgMax",
    (g, x) => {
      const best = g.op("ArgMax", [x], { axis: { int: 1 }, select_last_index: { int: 0 } });
      const least = g.op("LessOrEqual", [x, g.float32([2], [1])]);
      const most = g.op("GreaterOrEqual", [x, g.float32([7], [1])]);
      const number = (from: TensorName) => g.op("Cast", [from], { to: { int: 1 } });
      return g.op("Add", [g.op("Add", [number(least), number(most)]), number(best)]);
    },
    (row) => row.map((value) => Number(value <= 2) + Number(value >= 7) + row.indexOf(Math.max(...row))),
  ],
  [
    "Split",
    (g, x) => {
      const [first, rest] = g.ops("Split", [x, g.int64([1, 2], [2])], 2, { axis: { int: 1 } });
      return g.op("Concat", [rest!, first!], { axis: { int: 1 } });
    },
    ([a, b, c]) => [b!, c!, a!],
  ],
];

describe("graphs joined into one", () => {
  it.each(
    OPERATORS.flatMap(([name, write, row]) =>
      [11, 12, 13, 17, 18, 21].map((opset) => ({ name, opset, write, row })),
    ),
  )("$name, written for opset $opset", async ({ opset, write, row }) => {
    const merged = mergeGraphs(backbone(opset), head(write), JOINT);
    expect(merged.opsets[""]).toBe(opset);
    const answers = await run(merged);
    const wanted = Y.flatMap(row);
    for (const [k, value] of wanted.entries()) expect(answers[k]).toBeCloseTo(value, 5);
  });

  it("keeps the outputs' names, and tensors of both sides that are called alike apart", async () => {
    const merged = mergeGraphs(
      backbone(17),
      head((_, x) => x),
      JOINT,
    );
    expect(merged.graph.outputs).toEqual([{ name: "scores", dtype: "float32", shape: ["batch", 3] }]);
    expect(merged.graph.inputs.map(({ name }) => name)).toEqual(["pixels"]);
    const made = [
      ...merged.graph.nodes.flatMap(({ outputs }) => outputs),
      ...merged.graph.initializers.map(({ name }) => name),
    ];
    expect(new Set(made).size).toBe(made.length);
    expect(await run(merged)).toEqual(Y.flat());
    expect(await run(decodeModel(encodeModel(merged)))).toEqual(Y.flat());
  });

  it("renames what graphs inside the backbone's nodes read from around them", async () => {
    const g = graphBuilder({ name: "backbone" });
    const x = g.input("pixels", "float32", ["batch", 3]);
    const inside = g.op("Mul", [x, g.float32([2], [1])], {}, { name: "scores" });
    const yes = g.op("Identity", [g.float32([1], [1])], {}, { name: "flag" });
    const condition = g.op("Greater", [yes, g.float32([0], [1])]);
    g.output(g.op("Identity", [inside], {}, { name: "embedding" }), "embedding", "float32", ["batch", 3]);
    const plain = g.build();
    const branch = (name: string) => ({
      name,
      nodes: [
        {
          name,
          opType: "Identity",
          domain: "",
          inputs: ["scores"],
          outputs: [`${name}_out`],
          attributes: {},
          unknown: [],
        },
      ],
      initializers: [],
      inputs: [],
      outputs: [{ name: `${name}_out`, dtype: "float32" as const, shape: null }],
      valueInfos: [],
      unknown: [],
    });
    const nodes = plain.graph.nodes.map((node) =>
      node.outputs[0] === "embedding"
        ? {
            ...node,
            opType: "If",
            inputs: [condition],
            attributes: {
              then_branch: { type: "graph" as const, value: branch("then") },
              else_branch: { type: "graph" as const, value: branch("else") },
            },
          }
        : node,
    );
    const merged = mergeGraphs(
      { ...plain, graph: { ...plain.graph, nodes } },
      head((_, from) => from),
      JOINT,
    );
    expect(await run(merged)).toEqual(Y.flat());
  });

  it("refuses graphs that do not fit, and operator sets that are too old", () => {
    const refused = (message: RegExp) =>
      expect.objectContaining({ code: "model", message: expect.stringMatching(message) });
    const same = head((_, x) => x);
    expect(() => mergeGraphs(backbone(10), same, JOINT)).toThrow(refused(/set 10 .* too old/));
    expect(() => mergeGraphs(backbone(17), same, { ...JOINT, output: "nothing" })).toThrow(
      refused(/do not join from 'nothing'/),
    );
    const wide = graphBuilder({ name: "wide" });
    wide.output(wide.op("Neg", [wide.input("embedding", "float32", ["n", 4])]), "scores", "float32", [
      "n",
      4,
    ]);
    expect(() => mergeGraphs(backbone(17), wide.build(), JOINT)).toThrow(refused(/\[n, 3\].*\[n, 4\]/));
    const called = graphBuilder({ name: "called" });
    called.output(called.op("Neg", [called.input("scores", "float32", ["n", 3])]), "embedding", "float32", [
      "n",
      3,
    ]);
    expect(() => mergeGraphs(called.build(), same, JOINT)).toThrow(
      refused(/input 'scores' is called like an output/),
    );
  });
});
