import { describe, expect, it } from "vitest";
import { fieldsNumbered } from "../../src/onnx/decode-hidden.js";
import { decodeModel, encodeModel, externalTensor, graphBuilder, type Model } from "../../src/onnx/index.js";
import { ProtobufWriter } from "../../src/onnx/protobuf-writer.js";

function doubling(name: string): Model {
  const g = graphBuilder({ name });
  const x = g.input("x", "float32", ["n"]);
  g.output(g.op("Mul", [x, g.float32([2], [1], "two")]), "y", "float32", ["n"]);
  return g.build();
}

function moved(model: Model): Model {
  const content = { kind: "external", entries: { location: "elsewhere.bin" } } as const;
  const initializers = model.graph.initializers.map((tensor) => ({ ...tensor, content }));
  return { ...model, graph: { ...model.graph, initializers } };
}

/** The model with a graph inside its first node. */
function around(outer: Model, inner: Model): Model {
  const [first, ...others] = outer.graph.nodes;
  const attributes = { ...first!.attributes, body: { type: "graph", value: inner.graph } as const };
  return { ...outer, graph: { ...outer.graph, nodes: [{ ...first!, attributes }, ...others] } };
}

describe("a tensor in another file", () => {
  const again = (model: Model): Model => decodeModel(encodeModel(model));

  it("is found among the weights and in graphs inside nodes, and only there", () => {
    expect(externalTensor(again(doubling("a")))).toBeNull();
    expect(externalTensor(again(moved(doubling("a"))))).toBe("two");
    expect(externalTensor(again(around(doubling("a"), doubling("b"))))).toBeNull();
    expect(externalTensor(again(around(doubling("a"), moved(doubling("b")))))).toBe("two");
  });

  it("is found in functions, sparse tensors, lists of tensors and training parts, which are not decoded", () => {
    const [elsewhere] = moved(doubling("a")).graph.initializers;
    const tensor = encodeModel({
      ...doubling("t"),
      graph: { ...doubling("t").graph, nodes: [], inputs: [], outputs: [], initializers: [elsewhere!] },
    });
    // The tensor's message alone: the only field 5 of the graph.
    const graph = fieldsNumbered([tensor], 7)[0]!;
    const reader = fieldsNumbered([graph.bytes.subarray(graph.position, graph.end)], 5)[0]!;
    const bytes = reader.bytes.subarray(reader.position, reader.end);
    const kept = (write: (writer: ProtobufWriter) => void): Uint8Array => {
      const writer = new ProtobufWriter();
      write(writer);
      return writer.finish();
    };
    const inFunction = kept((w) =>
      w.message(25, (one) =>
        one.message(7, (node) =>
          node.message(5, (attribute) => {
            attribute.string(1, "value");
            attribute.bytes(5, bytes);
            attribute.int64(20, 4);
          }),
        ),
      ),
    );
    const inTraining = kept((w) =>
      w.message(20, (info) => info.message(2, (inner) => inner.bytes(5, bytes))),
    );
    for (const unknown of [inFunction, inTraining]) {
      expect(externalTensor(again({ ...doubling("a"), unknown: [unknown] }))).toBe("two");
    }
    const sparse = kept((w) => w.message(15, (one) => one.bytes(1, bytes)));
    const { graph: plain, ...rest } = doubling("a");
    expect(externalTensor(again({ ...rest, graph: { ...plain, unknown: [sparse] } }))).toBe("two");
    const list = kept((w) => {
      w.string(1, "many");
      w.bytes(10, bytes);
      w.int64(20, 9);
    });
    const attributes = { many: { type: "other", id: 9, bytes: list } } as const;
    const nodes = plain.nodes.map((node) => ({ ...node, attributes }));
    expect(externalTensor(again({ ...rest, graph: { ...plain, nodes } }))).toBe("two");
  });
});
