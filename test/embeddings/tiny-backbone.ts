import type { Backbone, BackboneSpec } from "../../src/backbones/backbone.js";
import { HeadstartError } from "../../src/core/errors.js";
import { sha256 } from "../../src/core/hash.js";
import { random } from "../../src/core/random.js";
import type { Dataset, RejectedRow, Row } from "../../src/data/row.js";
import { decodeModel, encodeModel, graphBuilder, openSession } from "../../src/onnx/index.js";

const VOCABULARY = 97;

/** A real graph, small: table lookup, masked mean, and a matrix product to give it something to do. */
function textGraph(dim: number): Uint8Array {
  const rng = random(dim);
  const weights = (n: number) => Float32Array.from({ length: n }, () => rng.next() - 0.5);
  const g = graphBuilder({ name: "tiny" });
  const ids = g.input("ids", "int64", ["n", "tokens"]);
  const mask = g.input("mask", "float32", ["n", "tokens", 1]);
  const states = g.op("Gather", [g.float32(weights(VOCABULARY * dim), [VOCABULARY, dim]), ids]);
  const mixed = g.op("MatMul", [states, g.float32(weights(dim * dim), [dim, dim])]);
  const axes = g.int64([1], [1]);
  const sum = g.op("ReduceSum", [g.op("Mul", [mixed, mask]), axes], { keepdims: { int: 0 } });
  const count = g.op("ReduceSum", [mask, axes], { keepdims: { int: 0 } });
  g.output(g.op("Div", [sum, count]), "embedding", "float32", ["n", dim]);
  return encodeModel(g.build());
}

/** Mean colour of an image: `[n, 3, 2, 2]` to `[n, 3]`. */
function imageGraph(): Uint8Array {
  const g = graphBuilder({ name: "mean-colour" });
  const pixels = g.input("pixels", "float32", ["n", 3, 2, 2]);
  g.output(
    g.op("ReduceMean", [pixels], { axes: { ints: [2, 3] }, keepdims: { int: 0 } }),
    "embedding",
    "float32",
    ["n", 3],
  );
  return encodeModel(g.build());
}

/** What a tiny backbone was asked to do. */
export interface Usage {
  /** Distinct contents that went through the session. */
  encoded: number;
  batches: number;
  /** Most token slots of one batch, padding included. */
  largestBatch: number;
}

export function tinyTextBackbone(
  options: { dim?: number; seedName?: string } = {},
): Backbone & { usage: Usage } {
  const { dim = 8, seedName = "tiny-text" } = options;
  const graph = textGraph(dim);
  const spec = specOf(seedName, "text", dim, graph);
  const usage: Usage = { encoded: 0, batches: 0, largestBatch: 0 };
  return {
    spec,
    usage,
    fingerprint: sha256(JSON.stringify(spec)),
    origin: { folder: "memory", license: null, source: null },
    preprocessor: {
      kind: "text",
      maxTokens: 64,
      encode(text) {
        if (text === "!") throw new HeadstartError("data", "the text cannot be tokenised");
        const all = text.split(/\s+/).map((word) => parseInt(sha256(word).slice(0, 8), 16) % VOCABULARY);
        return { ids: Int32Array.from(all.slice(0, 64)), truncated: all.length > 64 };
      },
    },
    graph: async () => ({
      model: decodeModel(graph),
      folder: "memory",
      shape: { dim, image: null, padId: 0, readsMask: true },
    }),
    async open(session = {}) {
      const opened = await openSession(graph, { threads: 1, ...session });
      return {
        device: opened.device,
        threads: opened.threads,
        async encodeTexts(batch) {
          const width = Math.max(...batch.map((ids) => ids.length));
          usage.encoded += batch.length;
          usage.batches++;
          usage.largestBatch = Math.max(usage.largestBatch, width * batch.length);
          const ids = new Int32Array(batch.length * width);
          const mask = new Float32Array(batch.length * width);
          batch.forEach((tokens, i) => {
            ids.set(tokens, i * width);
            mask.fill(1, i * width, i * width + tokens.length);
          });
          const { embedding } = await opened.run({
            ids: { dtype: "int64", data: ids, dims: [batch.length, width] },
            mask: { dtype: "float32", data: mask, dims: [batch.length, width, 1] },
          });
          return embedding!.data as Float32Array;
        },
        encodeImages: () => Promise.reject(new Error("this backbone reads text")),
        encodeAudio: () => Promise.reject(new Error("this backbone hears nothing")),
        release: () => opened.release(),
      };
    },
  };
}

/** Images are four bytes a channel: `[3, 2, 2]` raw, anything else is no image. */
export function tinyImageBackbone(): Backbone & { usage: Usage } {
  const graph = imageGraph();
  const spec = specOf("tiny-image", "image", 3, graph);
  const usage: Usage = { encoded: 0, batches: 0, largestBatch: 0 };
  return {
    spec,
    usage,
    fingerprint: sha256(JSON.stringify(spec)),
    origin: { folder: "memory", license: null, source: null },
    preprocessor: {
      kind: "image",
      width: 2,
      height: 2,
      async prepare(image) {
        if (typeof image === "string" || image.length !== 12) {
          throw new HeadstartError("data", "the file is no image that can be read");
        }
        return Float32Array.from(image, (byte) => byte / 255);
      },
    },
    graph: async () => ({
      model: decodeModel(graph),
      folder: "memory",
      shape: { dim: 3, image: { width: 2, height: 2 }, padId: 0, readsMask: true },
    }),
    async open(session = {}) {
      const opened = await openSession(graph, { threads: 1, ...session });
      return {
        device: opened.device,
        threads: opened.threads,
        encodeTexts: () => Promise.reject(new Error("this backbone reads images")),
        async encodeImages(batch) {
          usage.encoded += batch.length;
          usage.batches++;
          const data = new Float32Array(batch.length * 12);
          batch.forEach((image, i) => {
            data.set(image, i * 12);
          });
          const { embedding } = await opened.run({
            pixels: { dtype: "float32", data, dims: [batch.length, 3, 2, 2] },
          });
          return embedding!.data as Float32Array;
        },
        encodeAudio: () => Promise.reject(new Error("this backbone hears nothing")),
        release: () => opened.release(),
      };
    },
  };
}

function specOf(id: string, modality: "text" | "image", dim: number, graph: Uint8Array): BackboneSpec {
  return {
    id,
    revision: null,
    weightsDigest: sha256(graph),
    modality,
    dim,
    layer: "embedding",
    pooling: modality === "text" ? "mean" : "none",
    normalize: false,
    precision: "fp32",
    preprocessing: {},
  };
}

/** A data set over rows in memory; each call of `rows()` replays them. */
export function datasetOf(
  items: readonly (Row | RejectedRow)[] | (() => AsyncIterable<Row | RejectedRow>),
  options: {
    modality?: "text" | "image";
    identity?: string | null;
    name?: string;
    kept?: Dataset["kept"];
  } = {},
): Dataset {
  const { modality = "text", identity = "same", name = "rows.csv", kept = [] } = options;
  return {
    name,
    modality,
    columns: { content: "text", label: "label", id: "id", split: null },
    kept,
    guesses: [],
    count: typeof items === "function" ? null : items.length,
    shareRead: () => null,
    identity,
    rows:
      typeof items === "function"
        ? items
        : async function* () {
            yield* items;
          },
  };
}

/** `count` rows of pseudo-random sentences of 1 to 40 words, of three classes and two splits. */
export function textRows(count: number, seed = 1): Row[] {
  const rng = random(seed);
  return Array.from({ length: count }, (_, i) => {
    const words = Array.from({ length: 1 + rng.integer(40) }, () => `w${rng.integer(500)}`);
    return {
      state: "row",
      id: `row-${i}`,
      content: { kind: "text", text: words.join(" ") },
      label: i % 7 === 0 ? null : ["pear", "apple", "größe"][rng.integer(3)]!,
      split: i % 5 === 0 ? "test" : "train",
      source: `rows.csv:${i + 2}`,
    };
  });
}
