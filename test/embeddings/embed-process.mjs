// Embeds generated rows with a small real graph, in a process of its own that a test may kill.
// Usage: node embed-process.mjs <out> <rows> <milliseconds a batch> [text|image] [cache]
// With `cache` contents come again every 700 rows, and a vector tells how many were in its batch, as rounding does.
import { embedDataset } from "../../dist/src/embeddings/index.js";
import { encodeModel, graphBuilder, openSession } from "../../dist/src/onnx/index.js";

const [out, count, pause, modality = "text", cache] = process.argv.slice(2);
const DIM = 16;

const g = graphBuilder({ name: "sum" });
const ids = g.input("ids", "int64", ["n", "tokens"]);
const table = Float32Array.from({ length: 50 * DIM }, (_, i) => Math.sin(i * i));
const states = g.op("Gather", [g.float32(table, [50, DIM]), ids]);
g.output(g.op("ReduceSum", [states, g.int64([1], [1])], { keepdims: { int: 0 } }), "embedding", "float32", [
  "n",
  DIM,
]);
const graph = encodeModel(g.build());

const backbone = {
  spec: {
    id: "sum",
    revision: null,
    weightsDigest: "0",
    modality,
    dim: DIM,
    layer: "embedding",
    pooling: "none",
    normalize: false,
    precision: "fp32",
    preprocessing: {},
  },
  fingerprint: `sum-of-letters-${modality}`,
  origin: { folder: "memory", license: null, source: null },
  preprocessor:
    modality === "text"
      ? {
          kind: "text",
          maxTokens: 8,
          encode: (text) => ({
            ids: Int32Array.from(text.slice(0, 8), (c) => c.charCodeAt(0) % 50),
            truncated: text.length > 8,
          }),
        }
      : {
          kind: "image",
          width: 8,
          height: 1,
          prepare: async (bytes) => Float32Array.from(bytes.subarray(0, 8), (byte) => byte % 50),
        },
  async open() {
    const session = await openSession(graph, { threads: 1 });
    const encode = async (batch) => {
      await new Promise((resolve) => setTimeout(resolve, Number(pause)));
      const width = batch[0].length;
      const data = Int32Array.from(batch.flatMap((tokens) => [...tokens]));
      const { embedding } = await session.run({
        ids: { dtype: "int64", data, dims: [batch.length, width] },
      });
      return cache === "cache" ? embedding.data.map((value) => value + 1e-3 * batch.length) : embedding.data;
    };
    return {
      device: session.device,
      threads: 1,
      encodeTexts: encode,
      encodeImages: encode,
      release: () => session.release(),
    };
  },
};

const dataset = {
  name: "generated",
  modality,
  columns: { content: "text", label: "label", id: null, split: null },
  kept: [],
  guesses: [],
  count: Number(count),
  shareRead: () => null,
  identity: `generated-${modality}-${count}`,
  async *rows() {
    for (let i = 0; i < Number(count); i++) {
      const row = { id: `g${i}`, source: `generated:${i}` };
      if (i % 50 === 49) yield { state: "rejected", ...row, reason: "every fiftieth" };
      else {
        const content = cache === "cache" ? i % 700 : i;
        const text = String((content * 7919) % 10007).padStart(8, "x") + (content % 3 === 0 ? "long" : "");
        yield {
          state: "row",
          ...row,
          content:
            modality === "text"
              ? { kind: "text", text }
              : { kind: "image", bytes: new TextEncoder().encode(text) },
          label: `class ${i % 13}`,
          split: null,
        };
      }
    }
  },
};

try {
  const summary = await embedDataset({
    dataset,
    backbone,
    out,
    windowRows: 40,
    batchTokens: 128,
    batchImages: 16,
    checkpointSeconds: 0,
    ...(cache === "cache" && { cache: {} }),
  });
  process.stdout.write(JSON.stringify(summary));
} catch (error) {
  process.stdout.write(JSON.stringify({ code: error.code, message: error.message, hint: error.hint }));
  process.exitCode = 1;
}
