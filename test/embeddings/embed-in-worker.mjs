// Embeds generated rows with a small real graph in a thread of its own. Usage: node embed-in-worker.mjs <out> <rows>
import { openEncoders } from "../../dist/src/backbones/open-encoders.js";
import { embedDataset } from "../../dist/src/embeddings/index.js";
import { encodeModel, graphBuilder } from "../../dist/src/onnx/index.js";

const [out, rows] = process.argv.slice(2);
const dim = 8;
const g = graphBuilder({ name: "sum" });
const ids = g.input("input_ids", "int64", ["n", "tokens"]);
const table = Float32Array.from({ length: 50 * dim }, (_, i) => Math.sin(i * i));
const states = g.op("Gather", [g.float32(table, [50, dim]), ids]);
const sum = g.op("ReduceSum", [states, g.int64([1], [1])], { keepdims: { int: 0 } });
g.output(sum, "embedding", "float32", ["n", dim]);
const graph = encodeModel(g.build());

const backbone = {
  spec: { id: "sum", weightsDigest: "0", modality: "text", dim, preprocessing: {} },
  fingerprint: "sum",
  preprocessor: {
    kind: "text",
    maxTokens: 8,
    encode: (text) => ({ ids: Int32Array.from(text, (c) => c.charCodeAt(0) % 50), truncated: false }),
  },
  open: (options) =>
    openEncoders(graph, { dim, image: null, padId: 0, readsMask: true }, { ...options, threads: 1 }),
};

const dataset = {
  name: "generated",
  modality: "text",
  count: Number(rows),
  kept: [],
  shareRead: () => null,
  identity: `generated-${rows}`,
  async *rows() {
    for (let i = 0; i < Number(rows); i++) {
      const content = { kind: "text", text: `${(i * 7919) % 10007}`.padStart(8, "x") };
      yield { state: "row", id: `g${i}`, source: `generated:${i}`, content, label: null, split: null };
    }
  },
};

try {
  const summary = await embedDataset({ dataset, backbone, out, windowRows: 40, batchTokens: 128 });
  process.stdout.write(JSON.stringify(summary));
} catch (error) {
  process.stdout.write(JSON.stringify({ code: error.code, message: error.message, hint: error.hint }));
  process.exitCode = 1;
}
