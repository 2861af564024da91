import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { decodeModel, encodeModel, type Graph, graphBuilder, type Model } from "../../src/onnx/index.js";
import { ProtobufWriter } from "../../src/onnx/protobuf-writer.js";

const EMPTY_MODEL: Pick<Model, "irVersion" | "producerName" | "metadata" | "unknown"> = {
  irVersion: 8,
  producerName: "seed",
  metadata: { "seed.note": "größer" },
  unknown: [],
};

function everyAttribute(): Model {
  const g = graphBuilder({ name: "attributes" });
  const x = g.input("x", "float32", ["n", 2, -1]);
  const weights = g.float32([1, 2, 3, 4], [2, 2], "w");
  const y = g.op("Gemm", [x, weights], { alpha: { float: 0.5 }, transB: { int: 1 } });
  const best = g.op("ArgMax", [y], { axis: { int: -1 }, note: { string: "ü" } });
  const label = g.op(
    "LabelEncoder",
    [best, g.int64([1, -1], [2]), g.strings(["a", ""], [2]), g.float64([0.5], [])],
    {
      keys_int64s: { ints: [0, 1, -1] },
      values_strings: { strings: ["a", "小"] },
      floats: { floats: [1, 2] },
    },
    { domain: "ai.onnx.ml" },
  );
  g.output(y, "scores", "float32", ["n", 2]);
  g.output(label, "label", "string", ["n"]);
  return g.build({ "headstart.note": "ü" });
}

/** A condition with a graph in each branch, the outer one nested `depth` deep. */
function nested(depth: number): Model {
  const g = graphBuilder({ name: `depth ${depth}` });
  const x = g.input("x", "float32", ["n"]);
  g.output(g.op("Mul", [x, g.float32([depth], [1], "factor")]), "y", "float32", ["n"]);
  const { graph, ...rest } = g.build();
  if (depth === 0) return { ...rest, graph };
  const inner: Graph = { ...nested(depth - 1).graph, inputs: [] };
  const attributes = {
    then_branch: { type: "graph", value: inner },
    else_branch: { type: "graph", value: inner },
  } as const;
  const branch = {
    name: "if",
    opType: "If",
    domain: "",
    inputs: ["x"],
    outputs: ["z"],
    attributes,
    unknown: [],
  };
  return { ...rest, graph: { ...graph, nodes: [...graph.nodes, branch] } };
}

/** Weights elsewhere, typed fields in place of raw ones, sparse tensors, functions, training parts, odd types. */
function rareParts(): Uint8Array {
  const model = everyAttribute();
  const content = { kind: "external", entries: { location: "w.bin", offset: "0", length: "16" } } as const;
  const initializers = model.graph.initializers.map((tensor) => ({ ...tensor, content }));
  const graph = new ProtobufWriter();
  graph.message(5, (tensor) => {
    tensor.packedInt64(1, [2]);
    tensor.int64(2, 1);
    tensor.packedFloat32(4, [1, 2]);
    tensor.string(8, "typed");
  });
  for (const [dtype, values] of [
    [6, 5],
    [7, 7],
    [10, 5],
  ] as const) {
    graph.message(5, (tensor) => {
      tensor.packedInt64(1, [3]);
      tensor.int64(2, dtype);
      tensor.packedInt64(values, [1, -1, 2]);
      tensor.string(8, `typed${dtype}`);
    });
  }
  graph.message(13, (info) => {
    info.string(1, "sequence");
    info.message(2, (type) =>
      type.message(4, (s) => s.message(1, (t) => t.message(1, (e) => e.int64(1, 1)))),
    );
  });
  const sparse = new ProtobufWriter();
  sparse.message(15, (one) => {
    one.message(1, (values) => values.packedInt64(1, [1]));
    one.packedInt64(3, [1000, 1000]);
  });
  const rest = new ProtobufWriter();
  rest.message(25, (one) => {
    one.string(1, "Twice");
    one.string(4, "x");
    one.string(5, "y");
    one.message(7, (node) => {
      node.string(1, "x");
      node.string(2, "y");
      node.string(4, "Neg");
    });
    one.string(10, "local");
  });
  rest.message(20, (training) => training.message(1, (inner) => inner.string(2, "initialization")));
  const typed = decodeModel(encodeModel({ ...model, graph: { ...model.graph, unknown: [graph.finish()] } }));
  const more = { ...typed.graph, initializers, unknown: [sparse.finish()] };
  return encodeModel({ ...model, ...EMPTY_MODEL, graph: more, unknown: [rest.finish()] });
}

/** A real graph without its weights: the first nodes of it, each weight cut to nothing. */
function skeleton(path: string, nodes: number): Uint8Array {
  const model = decodeModel(readFileSync(path));
  const initializers = model.graph.initializers
    .slice(0, nodes)
    .map((tensor) => ({ ...tensor, dims: [0], content: { kind: "raw", bytes: new Uint8Array(0) } as const }));
  const kept = { ...model.graph, initializers, nodes: model.graph.nodes.slice(0, nodes), valueInfos: [] };
  return encodeModel({ ...model, graph: kept });
}

/** Small models that between them use every part of the format, and pieces of the real ones that are found. */
export function seedModels(modelFolders: readonly string[]): Uint8Array[] {
  const seeds = [encodeModel(everyAttribute()), encodeModel(nested(0)), encodeModel(nested(4)), rareParts()];
  for (const folder of modelFolders.filter((one) => existsSync(one))) {
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      const path = join(folder, name);
      if (!name.endsWith(".onnx") || !statSync(path).isFile()) continue;
      seeds.push(skeleton(path, 12), skeleton(path, 30));
    }
  }
  return seeds;
}
