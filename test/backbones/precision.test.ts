import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { precisionOf } from "../../src/backbones/graph/precision-of.js";
import { resolveBackbone } from "../../src/backbones/resolve-backbone.js";
import { type DataType, graphBuilder, type Model } from "../../src/onnx/index.js";

const bert = join(import.meta.dirname, "../../../shared/models/all-MiniLM-L6-v2");

/** A graph that only holds weights of these types, so many bytes of each. */
function weights(bytes: Partial<Record<DataType, number>>, opType = "MatMul"): Model {
  const g = graphBuilder({ name: "weights" });
  const x = g.input("x", "float32", ["n", 4]);
  g.output(g.op(opType, [x, x]), "y", "float32", ["n", 4]);
  const model = g.build();
  const sizes = { float32: 4, float16: 2, int8: 1, uint8: 1 } as Record<string, number>;
  const initializers = Object.entries(bytes).map(([dtype, size]) => ({
    name: dtype,
    dtype: dtype as DataType,
    dims: [size / sizes[dtype]!],
    content: { kind: "raw", bytes: new Uint8Array(size) } as const,
  }));
  return { ...model, graph: { ...model.graph, initializers } };
}

describe("the precision of a graph", () => {
  it("is that of its weights, whatever its file is called", () => {
    expect(precisionOf(weights({ float32: 4000 }))).toBe("fp32");
    expect(precisionOf(weights({ float32: 400, float16: 4000 }))).toBe("fp16");
    expect(precisionOf(weights({ float32: 400, int8: 4000 }))).toBe("int8");
    // The table of words is often left wide.
    expect(precisionOf(weights({ float32: 8000, uint8: 4000 }, "MatMulInteger"))).toBe("int8");
    expect(precisionOf(weights({ float32: 8000, uint8: 4 }))).toBe("fp32");
  });
});

describe.skipIf(!existsSync(bert))("precisions of a real BERT (skipped where ../shared is absent)", () => {
  it("runs int8, near fp32, with a fingerprint of its own", async () => {
    const encode = async (precision: "fp32" | "int8") => {
      const backbone = await resolveBackbone(bert, { precision });
      expect(backbone.spec.precision).toBe(precision);
      if (backbone.preprocessor.kind !== "text") throw new Error("expected a text backbone");
      const encoder = await backbone.open({ threads: 1 });
      const vector = await encoder.encodeTexts([
        backbone.preprocessor.encode("A film worth seeing twice.").ids,
      ]);
      await encoder.release();
      return { vector, fingerprint: backbone.fingerprint };
    };
    const [wide, narrow] = [await encode("fp32"), await encode("int8")];
    const cosine = wide.vector.reduce((sum, value, i) => sum + value * narrow.vector[i]!, 0);
    expect(cosine).toBeGreaterThan(0.9);
    expect(cosine).toBeLessThan(0.99999);
    expect(narrow.fingerprint).not.toBe(wide.fingerprint);
  });

  it("names those that there are where another is asked for", async () => {
    await expect(resolveBackbone(bert, { precision: "fp16" })).rejects.toMatchObject({
      code: "model",
      hint: expect.stringMatching(/fp32, int8/),
    });
    await expect(resolveBackbone("use-lite", { precision: "int8" })).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining("comes in fp32 only"),
    });
  });
});
