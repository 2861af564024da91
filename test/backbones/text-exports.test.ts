import { describe, expect, it } from "vitest";
import { resolveBackbone } from "../../src/backbones/resolve-backbone.js";
import { type GraphBuilder, graphBuilder, type Model, type TensorName } from "../../src/onnx/index.js";
import { checkpointOfFixture, cosine, encodeBoth, type Golden, readFixture, TEXTS } from "./text-fixtures.js";
import { checkpointOf, DIM, textFiles } from "./tiny-checkpoints.js";

const WORDS = 6;

/** A table of vectors by token, and the outputs that `add` makes of them, in its order. */
function graphOf(
  add: (g: GraphBuilder, states: TensorName) => void,
  inputs: (g: GraphBuilder) => void = () => {},
): Model {
  const g = graphBuilder({ name: "export" });
  const ids = g.input("input_ids", "int64", ["batch", "tokens"]);
  g.input("attention_mask", "int64", ["batch", "tokens"]);
  inputs(g);
  const table = Float32Array.from({ length: WORDS * DIM }, (_, i) => Math.sin(1 + 1.7 * i));
  add(g, g.op("Gather", [g.float32(table, [WORDS, DIM], "table"), ids]));
  return g.build();
}

const states = (g: GraphBuilder, x: TensorName, name = "last_hidden_state") =>
  g.output(x, name, "float32", ["batch", "tokens", DIM]);
const vector = (g: GraphBuilder, x: TensorName, name: string) =>
  g.output(g.op("ReduceMax", [x], { axes: { ints: [1] }, keepdims: { int: 0 } }), name, "float32", [
    "batch",
    DIM,
  ]);

const specOf = async (graph: Model, options: object = {}, config: object = {}) =>
  (await resolveBackbone(checkpointOf(graph, textFiles(config)), options)).spec;

describe("which output is the feature", () => {
  it("is decided by name and rank, wherever it stands", async () => {
    const graph = graphOf((g, x) => {
      vector(g, x, "pooler_output");
      states(g, g.op("Neg", [x]), "hidden_states.0");
      states(g, x);
    });
    expect(await specOf(graph)).toMatchObject({ layer: "last_hidden_state", pooling: "mean", dim: DIM });
  });

  it("is the graph's own vector where no pooling is asked for, and nothing else will do", async () => {
    const graph = graphOf((g, x) => {
      states(g, x);
      vector(g, x, "text_embeds");
    });
    expect(await specOf(graph, { pooling: "none" })).toMatchObject({ layer: "text_embeds", pooling: "none" });
    await expect(
      specOf(
        graphOf((g, x) => states(g, x)),
        { pooling: "none" },
      ),
    ).rejects.toMatchObject({ code: "usage", hint: expect.stringContaining("--pooling mean") });
  });

  it("is the sentence's own vector, where neither checkpoint nor user names a pooling", async () => {
    const graph = graphOf((g, x) => {
      states(g, x, "token_embeddings");
      vector(g, x, "sentence_embedding");
    });
    expect(await specOf(graph)).toMatchObject({ layer: "sentence_embedding", pooling: "none" });
    expect(await specOf(graph, { pooling: "none" })).toMatchObject({ layer: "sentence_embedding" });
    expect(await specOf(graph, { pooling: "last" })).toMatchObject({
      layer: "token_embeddings",
      pooling: "last",
    });
  });

  it("is the family's vector: CLIP's projected text, or its token states where a pooling is asked for", async () => {
    const clip = checkpointOfFixture("clip");
    expect((await resolveBackbone(clip)).spec).toMatchObject({
      layer: "text_embeds",
      pooling: "none",
      dim: 12,
    });
    const mean = await resolveBackbone(clip, { pooling: "mean" });
    expect(mean.spec).toMatchObject({ layer: "last_hidden_state", pooling: "mean", dim: 16 });
  });

  it("is named as missing where there is none", async () => {
    const graph = graphOf((g, x) => {
      g.output(g.op("ReduceMax", [x], { keepdims: { int: 0 } }), "loss", "float32", []);
    });
    await expect(specOf(graph)).rejects.toThrow(/No output of the graph is a text feature: loss/);
  });
});

describe("inputs beyond token ids, mask and segments", () => {
  it("are refused by name where they are not understood", async () => {
    const graph = graphOf(states, (g) => g.input("use_cache_branch", "bool", [1]));
    // What no output reads is cut off with its input.
    expect((await specOf(graph)).dim).toBe(DIM);
    const g = graphBuilder({ name: "reads" });
    const ids = g.input("input_ids", "int64", ["batch", "tokens"]);
    const extra = g.input("speaker", "float32", ["batch", "tokens", DIM]);
    const table = g.float32(new Float32Array(WORDS * DIM), [WORDS, DIM]);
    g.output(g.op("Add", [g.op("Gather", [table, ids]), extra]), "last_hidden_state", "float32", [
      "b",
      "t",
      DIM,
    ]);
    await expect(specOf(g.build())).rejects.toThrow(/wants the input 'speaker', which is not understood/);
    const none = graphBuilder({ name: "none" });
    const given = none.input("inputs_embeds", "float32", ["b", "t", DIM]);
    none.output(none.op("Neg", [given]), "last_hidden_state", "float32", ["b", "t", DIM]);
    await expect(specOf(none.build())).rejects.toThrow(/no input 'input_ids'/);
  });

  it("an empty cache of unknown size is refused by name", async () => {
    const g = graphBuilder({ name: "cache" });
    const ids = g.input("input_ids", "int64", ["batch", "tokens"]);
    const past = g.input("past_key_values.0.key", "float32", ["batch", "heads", "past", "size"]);
    const sum = g.op("ReduceSum", [past, g.int64([0, 1, 2, 3], [4])], { keepdims: { int: 0 } });
    const found = g.op("Gather", [g.float32(new Float32Array(WORDS * DIM), [WORDS, DIM]), ids]);
    g.output(g.op("Add", [found, sum]), "last_hidden_state", "float32", ["batch", "tokens", DIM]);
    await expect(specOf(g.build())).rejects.toThrow(
      /'past_key_values.0.key' is float32 .* known heads and size/,
    );
  });
});

describe("an unknown family", () => {
  it("is used by what its graph and files say", async () => {
    expect(await specOf(graphOf(states), {}, { model_type: "no-such-thing" })).toMatchObject({
      pooling: "mean",
    });
  });

  it("with a known network gives the same vectors", async () => {
    const folder = checkpointOfFixture("bert");
    const golden = readFixture<Golden>("bert", "golden.json");
    const { writeFileSync } = await import("node:fs");
    writeFileSync(
      `${folder}/config.json`,
      JSON.stringify({ model_type: "mystery", max_position_embeddings: 64 }),
    );
    const { together } = await encodeBoth(await resolveBackbone(folder), TEXTS);
    for (const [i, expected] of golden.vectors.entries())
      expect(1 - cosine(together[i]!, expected!)).toBeLessThan(1e-5);
  });
});
