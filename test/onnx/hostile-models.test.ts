import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  encodeModel,
  type Graph,
  graphBuilder,
  type Model,
  type Node,
  openSession,
} from "../../src/onnx/index.js";
import { ProtobufWriter } from "../../src/onnx/protobuf-writer.js";
import { readModel } from "../../src/onnx/read-model.js";
import { NEWEST } from "../../src/onnx/runtime-limits.js";

const node = (opType: string, inputs: string[], outputs: string[], more: Partial<Node> = {}): Node => ({
  name: "",
  opType,
  domain: "",
  inputs,
  outputs,
  attributes: {},
  unknown: [],
  ...more,
});

/** A model of `nodes` from `x` to `y`. */
function modelOf(nodes: Node[], more: Partial<Graph> = {}): Model {
  const g = graphBuilder({ name: "hostile" });
  g.output(g.input("x", "float32", ["n"]), "y", "float32", ["n"]);
  const model = g.build();
  return { ...model, graph: { ...model.graph, nodes, ...more } };
}

const read = (model: Model): Model => readModel(encodeModel(model), "bad.onnx");

function refused(bytes: Uint8Array, message: RegExp): void {
  const started = performance.now();
  expect(() => readModel(bytes, "bad.onnx")).toThrow(
    expect.objectContaining({
      name: "HeadstartError",
      code: "model",
      message: expect.stringMatching(message),
      hint: expect.any(String),
      facts: expect.objectContaining({ file: "bad.onnx" }),
    }),
  );
  expect(performance.now() - started).toBeLessThan(2000);
}

const raw = (dims: number[], bytes = 0, dtype: "float32" | "int64" = "float32") =>
  ({ name: "w", dtype, dims, content: { kind: "raw", bytes: new Uint8Array(bytes) } }) as const;

describe("a file that is no ONNX model", () => {
  const text = (content: string): Uint8Array => new TextEncoder().encode(content);
  it.each<[string, Uint8Array, RegExp]>([
    ["nothing", new Uint8Array(0), /bad\.onnx is no ONNX model: it is empty/],
    ["zeros", new Uint8Array(5000), /all zeros/],
    [
      "a Git LFS pointer",
      text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"),
      /Git LFS pointer/,
    ],
    ["an HTML page", text("\n<!DOCTYPE html><html><body>Sign in</body></html>"), /HTML page/],
    ["an XML error", text('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'), /XML/],
    ["JSON", text('{"error":"Repository not found"}'), /JSON/],
    ["a zip or a PyTorch file", Uint8Array.from([80, 75, 3, 4, 0, 0, 8, 8, 0, 0]), /zip archive/],
    ["an old PyTorch file", Uint8Array.from([128, 2, 138, 10, 108, 252, 156]), /pickle/],
    ["safetensors", Uint8Array.from([64, 0, 0, 0, 0, 0, 0, 0, 123, 34]), /safetensors/],
    ["gzip", Uint8Array.from([31, 139, 8, 0, 0, 0, 0, 0]), /gzip/],
    ["TensorFlow Lite", Uint8Array.from([28, 0, 0, 0, 84, 70, 76, 51, 20, 0]), /TensorFlow Lite/],
    ["noise", Uint8Array.from([1, 2, 3, 4, 5, 6, 7]), /bad\.onnx: Not a valid ONNX file: .* at byte/],
  ])("%s is named", (_name, bytes, message) => refused(bytes, message));

  it("a file cut short is named, wherever it is cut", () => {
    const whole = encodeModel(modelOf([node("Neg", ["x"], ["y"])]));
    for (let length = 1; length < whole.length - 10; length += 3) {
      refused(whole.slice(0, length), /Not a valid ONNX file/);
    }
  });
});

describe("damage inside", () => {
  it("graphs nested without end, in attributes", () => {
    let graph: Graph = modelOf([node("Neg", ["x"], ["y"])]).graph;
    for (let depth = 0; depth < 40; depth++) {
      const attributes = { body: { type: "graph", value: graph } } as const;
      graph = modelOf([node("Loop", ["x"], ["y"], { attributes })]).graph;
    }
    refused(encodeModel({ ...modelOf([]), graph }), /nested deeper than 32/);
  });

  it("messages nested 6,000 deep", () => {
    const within = (field: number, inner: Uint8Array): Uint8Array => {
      const writer = new ProtobufWriter();
      writer.bytes(field, inner);
      return writer.finish();
    };
    let graph: Uint8Array = new Uint8Array(0);
    for (let depth = 0; depth < 2000; depth++) graph = within(1, within(5, within(6, graph)));
    refused(within(7, graph), /nested deeper/);
  });

  it.each<[string, number[], RegExp]>([
    ["a varint without end", [8, ...Array(20).fill(255)], /varint longer than 10 bytes/],
    ["a length beyond the file", [58, 255, 255, 255, 255, 15, 0], /runs past the end/],
    ["a length of 2^63", [58, 255, 255, 255, 255, 255, 255, 255, 255, 127, 0], /out of range/],
    ["a group, which protobuf has given up", [59, 60], /wire type 3/],
    ["field number 0", [0, 1], /field number 0/],
    ["no graph", [8, 8], /no graph in the model/],
    ["two graphs", [58, 0, 58, 0], /a second graph/],
    ["a name that is not UTF-8", [18, 2, 195, 40, 58, 0], /not UTF-8/],
  ])("%s", (_name, bytes, message) => refused(Uint8Array.from(bytes), message));

  it("more parts than memory holds", () => {
    const nodes = new Uint8Array(2 * 4_100_000);
    for (let i = 0; i < nodes.length; i += 2) nodes[i] = 10;
    const writer = new ProtobufWriter();
    writer.bytes(7, nodes);
    expect(() => readModel(writer.finish(), "bad.onnx")).toThrow(/more than 4000000 parts/);
  });

  it("names of Object's own properties stay names", () => {
    const metadata = Object.fromEntries([["__proto__", "kept"]]);
    const attributes = Object.fromEntries([["__proto__", { type: "int", value: 1 } as const]]);
    const model = read({ ...modelOf([node("Neg", ["x"], ["y"], { attributes })]), metadata });
    expect(Object.entries(model.metadata)).toEqual([["__proto__", "kept"]]);
    expect(Object.entries(model.graph.nodes[0]!.attributes)).toEqual([
      ["__proto__", { type: "int", value: 1 }],
    ]);
    expect(model.graph.nodes[0]!.attributes.polluted).toBeUndefined();
  });
});

describe("tensors that are not what they declare", () => {
  const withWeight = (tensor: Graph["initializers"][number]) =>
    encodeModel(modelOf([node("Add", ["x", "w"], ["y"])], { initializers: [tensor] }));

  it.each<[string, number[], RegExp]>([
    [
      "a billion elements of which there are none",
      [1_000_000_000],
      /'w' \(float32 \[1000000000\]\) should have 4000000000 bytes and has 4/,
    ],
    ["dimensions whose product overflows", [2 ** 40, 2 ** 40], /too many elements/],
    ["a million dimensions", Array(1_000_000).fill(1), /too many elements/],
    ["too few elements", [2], /should have 8 bytes and has 4/],
    ["too many elements", [0], /should have 0 bytes and has 4/],
  ])("%s", (_name, dims, message) => refused(withWeight(raw(dims, 4)), message));

  it("a negative dimension", () => refused(withWeight(raw([-1], 4)), /'w' with a dimension of -1/));

  it("fewer strings than declared", () => {
    const content = { kind: "strings", values: [] } as const;
    refused(
      withWeight({ name: "w", dtype: "string", dims: [3], content }),
      /should have 3 strings and has 0/,
    );
  });

  it("an element type that does not exist", () => {
    const bytes = withWeight(raw([1], 4));
    const at = Buffer.from(bytes).indexOf(Buffer.from([0x10, 0x01, 0x42]));
    bytes[at + 1] = 99;
    refused(bytes, /of unknown type 99/);
  });

  it("the same inside a branch and in an attribute", () => {
    const inner = modelOf([node("Add", ["x", "w"], ["y"])], {
      inputs: [],
      initializers: [raw([9], 4)],
    }).graph;
    const attributes = { then_branch: { type: "graph", value: inner } } as const;
    refused(encodeModel(modelOf([node("If", ["x"], ["y"], { attributes })])), /'w' .* should have 36 bytes/);
    const value = { value: { type: "tensor", value: raw([9], 4) } } as const;
    refused(
      encodeModel(modelOf([node("Constant", [], ["y"], { attributes: value })])),
      /should have 36 bytes/,
    );
  });

  it("sparse weights", () => {
    const sparse = new ProtobufWriter();
    sparse.message(15, (one) => one.packedInt64(3, [1_000_000_000]));
    refused(
      encodeModel(modelOf([node("Neg", ["x"], ["y"])], { unknown: [sparse.finish()] })),
      /sparse weights/,
    );
  });

  const int64 = (values: bigint[]) => ({
    ...raw([values.length], 0, "int64"),
    content: { kind: "raw", bytes: new Uint8Array(BigInt64Array.from(values).buffer) } as const,
  });

  it.each(["ConstantOfShape", "Expand", "Tile"])("a constant that %s blows up", (opType) => {
    const inputs = opType === "ConstantOfShape" ? ["w"] : ["x", "w"];
    const nodes = [
      node(opType, inputs, ["c"]),
      node("ReduceSum", ["c"], ["r"]),
      node("Add", ["x", "r"], ["y"]),
    ];
    const bomb = modelOf(nodes, { initializers: [int64([100_000n, 10_000n])] });
    refused(encodeModel(bomb), new RegExp(`'c' \\(${opType}\\) makes a tensor of \\[100000, 10000\\]`));
  });
});

describe("graphs that cannot run", () => {
  it("a cycle names its nodes", () => {
    const cycle = [
      node("Add", ["x", "b"], ["a"], { name: "first" }),
      node("Abs", ["a"], ["b"], { name: "second" }),
      node("Abs", ["b"], ["y"]),
    ];
    refused(
      encodeModel(modelOf(cycle)),
      /wait for each other in a cycle: 'node 'first' \(Add\)', 'node 'second' \(Abs\)'/,
    );
    refused(encodeModel(modelOf([node("Neg", ["y"], ["y"])])), /cycle/);
  });

  it.each<[string, Node[], RegExp]>([
    [
      "a tensor made twice",
      [node("Neg", ["x"], ["y"]), node("Abs", ["x"], ["y"])],
      /'y' is made twice, also by node 'y' \(Abs\)/,
    ],
    ["an input made again", [node("Neg", ["x"], ["x"]), node("Abs", ["x"], ["y"])], /'x' is made twice/],
    [
      "an input from nowhere",
      [node("Add", ["x", "nowhere"], ["y"])],
      /node 'y' \(Add\) reads 'nowhere', which nothing makes/,
    ],
    ["an output from nowhere", [node("Neg", ["x"], ["z"])], /nothing makes the outputs 'y'/],
    [
      "custom operators",
      [node("Foo", ["x"], ["a"], { domain: "my.ops" }), node("Bar", ["a"], ["y"], { domain: "my.ops" })],
      /operators that ONNX Runtime does not have: 'my\.ops\.Foo', 'my\.ops\.Bar'/,
    ],
  ])("%s", (_name, nodes, message) => refused(encodeModel(modelOf(nodes)), message));

  it("outputs of one name, and none at all", () => {
    const { outputs } = modelOf([]).graph;
    const nodes = [node("Neg", ["x"], ["y"])];
    refused(
      encodeModel(modelOf(nodes, { outputs: [...outputs, ...outputs] })),
      /outputs are named twice: 'y'/,
    );
    refused(encodeModel(modelOf(nodes, { outputs: [] })), /has no outputs/);
  });

  it("a training model", () => {
    const training = new ProtobufWriter();
    training.message(20, (info) => info.message(1, (inner) => inner.string(2, "init")));
    const model = modelOf([node("Neg", ["x"], ["y"])]);
    refused(encodeModel({ ...model, unknown: [training.finish()] }), /for training/);
  });
});

describe("functions in a model", () => {
  /** Functions `F0 ... Fn`, each of which calls the next `calls` times; the last one negates. */
  function functions(count: number, calls: number, last = "Neg"): Uint8Array {
    const writer = new ProtobufWriter();
    for (let i = 0; i < count; i++) {
      writer.message(25, (one) => {
        one.string(1, `F${i}`);
        one.string(4, "a");
        one.string(5, "b");
        for (let call = 0; call < (i === count - 1 ? 1 : calls); call++) {
          one.message(7, (inner) => {
            inner.string(1, call === 0 ? "a" : `t${call}`);
            inner.string(2, call === calls - 1 || i === count - 1 ? "b" : `t${call + 1}`);
            inner.string(4, i === count - 1 ? last : `F${i + 1}`);
            if (i < count - 1 || last !== "Neg") inner.string(7, "local");
          });
        }
        one.message(9, (opset) => opset.int64(2, 17));
        one.message(9, (opset) => {
          opset.string(1, "local");
          opset.int64(2, 1);
        });
        one.string(10, "local");
      });
    }
    return writer.finish();
  }
  const calling = (unknown: Uint8Array): Model => {
    const model = modelOf([node("F0", ["x"], ["y"], { domain: "local" })]);
    return { ...model, opsets: { ...model.opsets, local: 1 }, unknown: [unknown] };
  };

  it("are operators of its own, and run", async () => {
    const session = await openSession(encodeModel(read(calling(functions(3, 3)))));
    const out = await session.run({ x: { dtype: "float32", data: Float32Array.of(2), dims: [1] } });
    await session.release();
    expect([...(out.y!.data as Float32Array)]).toEqual([-2]);
  });

  it("that call themselves or unfold without end are refused", () => {
    refused(encodeModel(calling(functions(3, 1, "F0"))), /'local\.F\d' calls itself/);
    refused(encodeModel(calling(functions(30, 2))), /unfold into 536870912 nodes/);
    refused(encodeModel(calling(functions(5000, 1))), /more than 100 deep/);
  });
});

describe("nodes that are not in order", () => {
  const unsorted = [node("Neg", ["a"], ["b"]), node("Exp", ["b"], ["y"]), node("Abs", ["x"], ["a"])];

  it("are put in order, and only then", () => {
    const types = (model: Model) => read(model).graph.nodes.map(({ opType }) => opType);
    expect(types(modelOf(unsorted))).toEqual(["Abs", "Neg", "Exp"]);
    const sorted = [node("Abs", ["x"], ["a"]), node("Neg", ["x"], ["z"]), node("Exp", ["a"], ["y"])];
    expect(types(modelOf(sorted))).toEqual(["Abs", "Neg", "Exp"]);
  });

  it("wait for what the graphs inside them read", () => {
    const branch = modelOf([node("Neg", ["late"], ["z"])], {
      inputs: [],
      outputs: [{ name: "z", dtype: "float32", shape: null }],
    }).graph;
    const attributes = {
      then_branch: { type: "graph", value: branch },
      else_branch: { type: "graph", value: branch },
    } as const;
    const nodes = [node("If", ["x"], ["y"], { attributes }), node("Abs", ["x"], ["late"])];
    expect(read(modelOf(nodes)).graph.nodes.map(({ opType }) => opType)).toEqual(["Abs", "If"]);
  });
});

describe("what the runtime loads", () => {
  const neg = modelOf([node("Neg", ["x"], ["y"])]);
  const loads = async (model: Model): Promise<boolean> => {
    const session = await openSession(encodeModel(model)).catch(() => null);
    await session?.release();
    return session !== null;
  };

  it("is what NEWEST says: that version of each, and none newer", async () => {
    const { irVersion, opsets } = NEWEST;
    expect(await loads({ ...neg, irVersion })).toBe(true);
    expect(await loads({ ...neg, irVersion: irVersion + 1 })).toBe(false);
    refused(encodeModel({ ...neg, irVersion: irVersion + 1 }), /IR version/);
    for (const [domain, newest] of Object.entries(opsets)) {
      const withOpset = (version: number): Model => ({
        ...neg,
        opsets: { ...neg.opsets, [domain]: version },
      });
      expect([domain, await loads(withOpset(newest)), await loads(withOpset(newest + 1))]).toEqual([
        domain,
        true,
        false,
      ]);
      expect(read(withOpset(newest)).opsets[domain]).toBe(newest);
      refused(encodeModel(withOpset(newest + 1)), /operator set/);
    }
  });
});

describe("real models", () => {
  it.each(["use-lite", "mobilenet-v2-mid"])("%s passes unchanged", (id) => {
    const path = `models/${id}/onnx/model.onnx`;
    const bytes = readFileSync(path);
    const started = performance.now();
    const model = readModel(bytes, path);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(model.graph.nodes.length).toBeGreaterThan(20);
  });
});
