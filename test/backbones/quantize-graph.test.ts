import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { chooseMigration } from "../../src/backbones/quantize/choose-migration.js";
import { int8Graph } from "../../src/backbones/quantize/int8-graph.js";
import { quantizeColumns } from "../../src/backbones/quantize/quantize-columns.js";
import { quantizeRows } from "../../src/backbones/quantize/quantize-rows.js";
import { random } from "../../src/core/random.js";
import { encodeModel } from "../../src/onnx/encode-model.js";
import { graphBuilder } from "../../src/onnx/graph-builder.js";
import { linearLayers } from "../../src/onnx/linear-layers.js";
import type { Model } from "../../src/onnx/model.js";
import { type Feed, openSession } from "../../src/onnx/session.js";

interface Golden {
  readonly x: number[];
  readonly W: number[];
  readonly bias: number[];
  readonly cases: {
    readonly limit: number;
    readonly factors: number[];
    readonly codes: number[];
    readonly scales: number[];
    readonly y: number[];
  }[];
}

/** By test/golden/quantize/generate.py: NumPy, and onnxruntime's integer product. */
const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, "../golden/quantize/linear.json"), "utf8"),
) as Golden;

async function run(model: Model, feeds: Record<string, Feed>): Promise<Float32Array> {
  const session = await openSession(encodeModel(model), { threads: 1 });
  try {
    return (await session.run(feeds)).y!.data as Float32Array;
  } finally {
    await session.release();
  }
}

const TOKENS = { x: { dtype: "float32", data: Float32Array.from(golden.x), dims: [2, 3, 6] } } as const;

function linearModel(opset: number): Model {
  const g = graphBuilder({ name: "linear", opset });
  const x = g.input("x", "float32", ["batch", "tokens", 6]);
  const product = g.op("MatMul", [x, g.float32(golden.W, [6, 4])]);
  g.output(g.op("Add", [product, g.float32(golden.bias, [4])]), "y", "float32", ["batch", "tokens", 4]);
  return g.build();
}

describe("int8Graph", () => {
  for (const { limit, factors, codes, scales, y } of golden.cases) {
    const migrated = factors.some((factor) => factor !== 1);
    const title = `weights within ${limit}${migrated ? ", outliers moved" : ""}`;
    it.each([17, 18])(`computes what NumPy and onnxruntime do: ${title}, operator set %i`, async (opset) => {
      const model = linearModel(opset);
      const migrations = new Map(migrated ? [["x", Float32Array.from(factors)]] : []);
      const made = int8Graph(model, { layers: linearLayers(model), migrations, limit });
      const given = await run(made, TOKENS);
      expect(given).toHaveLength(y.length);
      for (const [i, value] of given.entries()) expect(value).toBeCloseTo(y[i]!, 4);
      const weight = made.graph.initializers.find(
        ({ dtype, dims }) => dtype === "int8" && dims.length === 2,
      )!;
      expect(
        weight.content.kind === "raw" && [...new Int8Array(weight.content.bytes.slice().buffer)],
      ).toEqual(codes);
    });
    it(`rounds columns as NumPy does: ${title}`, () => {
      const W = { data: Float32Array.from(golden.W), rows: 6, cols: 4 };
      const rounded = quantizeColumns(W, limit, migrated ? Float32Array.from(factors) : null);
      expect([...rounded.codes]).toEqual(codes);
      rounded.scales.forEach((scale, j) => {
        expect(scale / scales[j]!).toBeCloseTo(1, 6);
      });
    });
  }

  it("keeps a Gemm's bias and turns its weight round", async () => {
    const g = graphBuilder({ name: "gemm" });
    const turned = Array.from({ length: 24 }, (_, i) => golden.W[(i % 6) * 4 + Math.floor(i / 6)]!);
    const x = g.input("x", "float32", ["n", 6]);
    const weights = [x, g.float32(turned, [4, 6]), g.float32(golden.bias, [4])];
    g.output(g.op("Gemm", weights, { transB: { int: 1 } }), "y", "float32", ["n", 4]);
    const model = g.build();
    const made = int8Graph(model, { layers: linearLayers(model), migrations: new Map(), limit: 127 });
    const given = await run(made, { x: { ...TOKENS.x, dims: [6, 6] } });
    for (const [i, value] of given.entries()) expect(value).toBeCloseTo(golden.cases[0]!.y[i]!, 4);
    expect(made.graph.initializers.every(({ name }) => name !== weights[1])).toBe(true);
  });

  it("does not take a tensor's name that it makes free", async () => {
    const g = graphBuilder({ name: "names" });
    const x = g.input("x", "float32", ["n", 6]);
    const product = g.op("MatMul", [x, g.float32(golden.W, [6, 4])], {}, { name: "abs" });
    g.output(g.op("Identity", [product]), "y", "float32", ["n", 4]);
    const model = g.build();
    const made = int8Graph(model, { layers: linearLayers(model), migrations: new Map(), limit: 127 });
    const given = await run(made, { x: { ...TOKENS.x, dims: [6, 6] } });
    expect(given[0]! + golden.bias[0]!).toBeCloseTo(golden.cases[0]!.y[0]!, 4);
  });

  it("stores a large table by rows, within half a step", async () => {
    const [rows, cols] = [8192, 32];
    const rng = random(3);
    const table = Float32Array.from({ length: rows * cols }, () => rng.next() - 0.5);
    const g = graphBuilder({ name: "table" });
    const ids = g.input("ids", "int64", ["n"]);
    g.output(g.op("Gather", [g.float32(table, [rows, cols], "table"), ids]), "y", "float32", ["n", cols]);
    const made = int8Graph(g.build(), { layers: [], migrations: new Map(), limit: 63 });
    const wanted = Int32Array.of(0, 8191, 77);
    const given = await run(made, { ids: { dtype: "int64", data: wanted, dims: [3] } });
    const { scales } = quantizeRows({ data: table, rows, cols });
    given.forEach((value, at) => {
      const row = wanted[Math.floor(at / cols)]!;
      expect(Math.abs(value - table[row * cols + (at % cols)]!)).toBeLessThanOrEqual(0.501 * scales[row]!);
    });
    expect(encodeModel(made).length).toBeLessThan(0.3 * encodeModel(g.build()).length);
  });
});

describe("linearLayers", () => {
  it("finds products with constants, and no others", () => {
    const g = graphBuilder({ name: "kinds" });
    const x = g.input("x", "float32", ["n", 2]);
    const W = g.float32([1, 2, 3, 4], [2, 2], "W");
    const linear = g.op("MatMul", [x, W]);
    const weighted = g.op("Gemm", [linear, W], { alpha: { float: 2 } });
    const constantLeft = g.op("MatMul", [W, weighted]);
    const computed = g.op("MatMul", [constantLeft, linear]);
    g.output(g.op("Gemm", [computed, W, ""]), "y", "float32", ["n", 2]);
    const found = linearLayers(g.build());
    expect(found.map(({ node, bias }) => [node.opType, node.inputs[0], bias])).toEqual([
      ["MatMul", "x", null],
      ["Gemm", computed, null],
    ]);
  });
});

describe("chooseMigration", () => {
  const rng = random(11);
  const rows = 64;
  const weights = [
    { data: Float32Array.from({ length: 16 * 8 }, () => rng.next() - 0.5), rows: 16, cols: 8 },
  ];
  const seen = (outlier: number) => {
    const data = Float32Array.from(
      { length: rows * 16 },
      (_, at) => (rng.next() - 0.5) * (at % 16 === 3 ? outlier : 1),
    );
    const peaks = new Float32Array(16);
    data.forEach((value, at) => {
      peaks[at % 16] = Math.max(peaks[at % 16]!, Math.abs(value));
    });
    return { peaks, sample: { data, rows, cols: 16 } };
  };

  it("moves an outlier channel into the weights", async () => {
    const factors = await chooseMigration(seen(60), weights, 127);
    const others = [...factors!].filter((_, channel) => channel !== 3);
    expect(factors![3]).toBeGreaterThan(3 * Math.max(...others));
  });

  it("leaves even channels alone", async () => {
    expect(await chooseMigration(seen(1), weights, 127)).toBeNull();
  });
});
