import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HeadstartError } from "../../src/core/errors.js";
import { decodeModel, encodeModel, graphBuilder, openSession } from "../../src/onnx/index.js";

const shared = join(import.meta.dirname, "../../../shared/models");

function smallModel(): Uint8Array {
  const g = graphBuilder({ name: "small" });
  const x = g.input("x", "float32", ["n", 2]);
  const y = g.op("Gemm", [x, g.float32([1, 2, 3, 4], [2, 2])], { alpha: { float: 0.5 }, transB: { int: 1 } });
  const best = g.op("ArgMax", [y], { axis: { int: 1 }, keepdims: { int: 0 } });
  const label = g.op(
    "LabelEncoder",
    [best],
    { keys_int64s: { ints: [0, 1] }, values_strings: { strings: ["größer", "小"] } },
    { domain: "ai.onnx.ml" },
  );
  g.output(y, "scores", "float32", ["n", 2]);
  g.output(label, "label", "string", ["n"]);
  return encodeModel(g.build({ "headstart.note": "ü" }));
}

describe("ONNX reading and writing", () => {
  it("runs what the builder builds", async () => {
    const session = await openSession(smallModel());
    const out = await session.run({
      x: { dtype: "float32", data: Float32Array.of(1, 0, 0, 1), dims: [2, 2] },
    });
    await session.release();
    expect([...(out.scores!.data as Float32Array)]).toEqual([0.5, 1.5, 1, 2]);
    expect(out.label!.data).toEqual(["小", "小"]);
  });

  it("decodes what it encodes, to the same bytes again", () => {
    const bytes = smallModel();
    const model = decodeModel(bytes);
    expect(model.metadata).toEqual({ "headstart.note": "ü" });
    expect(model.opsets).toEqual({ "": 17, "ai.onnx.ml": 3 });
    expect(encodeModel(model)).toEqual(bytes);
  });

  it("takes a size of -1, which some exporters write, for unknown", () => {
    const g = graphBuilder({ name: "free" });
    g.output(g.input("x", "float32", [-1, 4]), "y", "float32", [-1, 4]);
    expect(decodeModel(encodeModel(g.build())).graph.inputs[0]!.shape).toEqual(["?", 4]);
  });

  it("names the input that a run was fed wrongly", async () => {
    const session = await openSession(smallModel());
    const wrong = session.run({ x: { dtype: "float32", data: new Float32Array(3), dims: [1, 3] } });
    await expect(wrong).rejects.toMatchObject({
      code: "model",
      message: expect.stringContaining("input: x"),
    });
    await session.release();
  });

  it("keeps negative and 64-bit attribute values", () => {
    const g = graphBuilder({ name: "slice" });
    const x = g.input("x", "float32", ["n", 4]);
    g.output(
      g.op("Odd", [x], { ends: { ints: [-1, 5] }, last: { int: 9223372036854775807n } }),
      "y",
      "float32",
      ["n", "m"],
    );
    const node = decodeModel(encodeModel(g.build())).graph.nodes[0]!;
    expect(node.attributes.ends).toEqual({ type: "ints", value: [-1, 5] });
    expect(node.attributes.last).toEqual({ type: "int", value: 9223372036854775807n });
  });

  it("answers damaged bytes with an error that says so, never with a crash or a hang", () => {
    const bytes = smallModel();
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(bytes.length), (at, value, length) => {
        const damaged = bytes.slice(0, Math.max(1, length));
        damaged[at % damaged.length] = value;
        try {
          decodeModel(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(HeadstartError);
          expect((error as HeadstartError).code).toBe("format");
        }
      }),
      { numRuns: 3000, seed: 7 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        try {
          decodeModel(noise);
        } catch (error) {
          expect((error as HeadstartError).code).toBe("format");
        }
      }),
      { numRuns: 3000, seed: 7 },
    );
  });

  for (const name of ["all-MiniLM-L6-v2", "efficientnet-lite0"]) {
    const path = join(shared, name, "onnx/model.onnx");
    it.skipIf(!existsSync(path))(
      `reads and rewrites ${name} whole (skipped where ../shared is absent)`,
      async () => {
        const original = decodeModel(readFileSync(path));
        const again = decodeModel(encodeModel(original));
        expect(again.graph.nodes).toEqual(original.graph.nodes);
        expect(again.graph.inputs).toEqual(original.graph.inputs);
        expect(again.graph.initializers.length).toBe(original.graph.initializers.length);
        for (const [i, tensor] of again.graph.initializers.entries()) {
          const before = original.graph.initializers[i]!;
          expect([tensor.name, tensor.dtype, tensor.dims]).toEqual([before.name, before.dtype, before.dims]);
          if (tensor.content.kind !== "raw" || before.content.kind !== "raw")
            throw new Error("expected weights inside");
          expect(Buffer.compare(tensor.content.bytes, before.content.bytes)).toBe(0);
        }
      },
    );
  }
});
