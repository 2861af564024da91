import { describe, expect, it } from "vitest";
import { HeadstartError } from "../../src/core/errors.js";
import { fitHead } from "../../src/heads/head.js";
import { headToOnnx, loadHead } from "../../src/heads/head-onnx.js";
import { decodeModel, encodeModel, type Graph, type Model, type Node } from "../../src/onnx/index.js";
import { float32Tensor } from "../../src/onnx/tensor.js";
import { linearGolden } from "../heads/linear-golden.js";

const { X, y } = linearGolden("iris");
const head = await fitHead({ name: "linear-svm", seed: 5 }, X, y);
const bytes = headToOnnx(head, { fingerprint: "0123abcd", backbone: { id: "use-lite" }, metrics: null });

/** The head with its graph changed. */
function changed(change: (graph: Graph) => Partial<Graph>, more: Partial<Model> = {}): Uint8Array {
  const model = decodeModel(bytes);
  return encodeModel({ ...model, ...more, graph: { ...model.graph, ...change(model.graph) } });
}

const node = (opType: string, inputs: string[], outputs: string[], domain = ""): Node => ({
  name: "",
  opType,
  domain,
  inputs,
  outputs,
  attributes: {},
  unknown: [],
});

/** The graph with what makes `output` replaced. */
const instead = (graph: Graph, output: string, ...nodes: Node[]): Node[] => [
  ...graph.nodes.map((one) => ({
    ...one,
    outputs: one.outputs.map((name) => (name === output ? "unused" : name)),
  })),
  ...nodes,
];

describe("a head made to do harm", () => {
  it.each<[string, Uint8Array, RegExp]>([
    [
      "a billion weights of which there are none",
      changed(({ initializers: [first, ...rest] }) => ({
        initializers: [{ ...first!, dims: [1_000_000_000] }, ...rest],
      })),
      /tensor '.*' \(.* \[1000000000\]\) should have \d+ bytes/,
    ],
    [
      "operators of a library of its own",
      changed((graph) => ({
        nodes: instead(graph, "scores", node("Steal", ["embedding"], ["scores"], "evil")),
      })),
      /does not have: 'evil\.Steal'/,
    ],
    [
      "a cycle",
      changed((graph) => ({ nodes: instead(graph, "scores", node("Neg", ["scores"], ["scores"])) })),
      /cycle/,
    ],
    ["a version of the future", changed(() => ({}), { irVersion: 99 }), /IR version 99/],
  ])("%s is refused", async (_what, file, message) => {
    await expect(loadHead(file)).rejects.toMatchObject({
      name: "HeadstartError",
      code: "format",
      message: expect.stringMatching(message),
      hint: expect.any(String),
    });
  });

  it.each<[string, Uint8Array, RegExp]>([
    [
      "scores of another width",
      changed((graph) => ({ nodes: instead(graph, "scores", node("Identity", ["embedding"], ["scores"])) })),
      /float32 \[2, 3\], got \[2, 4\]/,
    ],
    [
      "one score for all rows",
      changed((graph) => ({
        initializers: [...graph.initializers, float32Tensor("single", [1], [1, 1])],
        nodes: instead(graph, "scores", node("Identity", ["single"], ["scores"])),
      })),
      /float32 \[2, 3\], got \[1, 1\]/,
    ],
    [
      "labels that are numbers",
      changed((graph) => ({
        outputs: graph.outputs.map((one) =>
          one.name === "label" ? { ...one, dtype: "float32" as const } : one,
        ),
        nodes: instead(graph, "label", node("Identity", ["embedding"], ["label"])),
      })),
      /labels are not 2 strings/,
    ],
  ])("%s end the prediction with a named error", async (_what, file, message) => {
    const loaded = await loadHead(file);
    const two = { data: X.data.slice(0, 8), rows: 2, cols: 4 };
    const failure = await loaded.run(two).catch((error: unknown) => error);
    await loaded.release();
    expect(failure).toBeInstanceOf(HeadstartError);
    expect(failure).toMatchObject({ code: "format", message: expect.stringMatching(message) });
  });

  it("the head itself passes", async () => {
    const loaded = await loadHead(bytes);
    expect((await loaded.run({ data: X.data.slice(0, 8), rows: 2, cols: 4 })).labels).toHaveLength(2);
    await loaded.release();
  });
});
