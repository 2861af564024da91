import { describe, expect, it } from "vitest";
import { fitHead } from "../../src/heads/head.js";
import { headToOnnx, loadHead, verifyHead } from "../../src/heads/head-onnx.js";
import { HEAD_KEY } from "../../src/heads/head-record.js";
import { selectRows } from "../../src/linalg/matrix.js";
import { decodeModel } from "../../src/onnx/decode-model.js";
import { encodeModel } from "../../src/onnx/encode-model.js";
import { linearGolden } from "./linear-golden.js";

const { X, y } = linearGolden("iris");
const META = {
  fingerprint: "0123abcd",
  backbone: { id: "use-lite", dim: 4 },
  metrics: { accuracy: 0.9, measured: "5-fold stratified cross-validation, seed 0" },
};
const head = await fitHead({ name: "linear-svm", set: { C: 2 }, scale: "standard", seed: 5 }, X, y);
const bytes = headToOnnx(head, META);
const format = expect.objectContaining({ code: "format" });

/** The same file with its metadata changed. */
function withMetadata(change: (metadata: Record<string, string>) => Record<string, string>): Uint8Array {
  const model = decodeModel(bytes);
  return encodeModel({ ...model, metadata: change({ ...model.metadata }) });
}

function withExternalWeights(): Uint8Array {
  const model = decodeModel(bytes);
  const content = { kind: "external", entries: { location: "../weights.bin" } } as const;
  const initializers = model.graph.initializers.map((tensor) => ({ ...tensor, content }));
  return encodeModel({ ...model, graph: { ...model.graph, initializers } });
}

describe("a head file", () => {
  it("carries all that is known of the head", async () => {
    const loaded = await loadHead(bytes);
    expect(loaded.fingerprint).toBe("0123abcd");
    expect(loaded.meta).toEqual({
      format: 1,
      id: "linear-svm.v1",
      name: "linear-svm",
      engine: "headstart",
      options: {
        C: 2,
        loss: "squared-hinge",
        tol: 1e-4,
        maxIter: 1000,
        fitIntercept: true,
        classWeight: null,
        multiclass: "one-vs-rest",
        seed: 5,
      },
      scale: "standard",
      pca: null,
      classes: ["0", "1", "2"],
      dim: 4,
      rows: 50,
      classRows: [
        { name: "0", rows: 17 },
        { name: "1", rows: 17 },
        { name: "2", rows: 16 },
      ],
      seed: 5,
      convergence: head.classifier.convergence,
      metrics: META.metrics,
      backbone: META.backbone,
    });
    await loaded.release();
    await loaded.release();
  });

  it("is read as one without a projection where an earlier version wrote it", async () => {
    const older = withMetadata((m) => ({ ...m, [HEAD_KEY]: m[HEAD_KEY]!.replace('"pca":null,', "") }));
    expect(older.length).toBeLessThan(bytes.length);
    const loaded = await loadHead(older);
    expect(loaded.meta.pca).toBeNull();
    expect((await loaded.run(X)).labels).toEqual(head.predict(X));
    await loaded.release();
  });

  it("predicts more rows than a batch holds", async () => {
    const many = selectRows(
      X,
      Array.from({ length: 9000 }, (_, i) => i % X.rows),
    );
    const loaded = await loadHead(bytes);
    const { labels, scores, probabilities } = await loaded.run(many);
    expect(labels).toEqual(head.predict(many));
    expect([scores.rows, scores.cols]).toEqual([9000, 3]);
    expect(scores.data.subarray(8950 * 3)).toEqual(scores.data.subarray(0, 50 * 3));
    expect(probabilities).toBeNull();
    await loaded.release();
  });

  it.each([
    ["random bytes", () => new Uint8Array(64).fill(7)],
    ["an empty file", () => new Uint8Array(0)],
    ["a truncated head", () => bytes.slice(0, bytes.length - 40)],
    ["an ONNX model that is no head", () => withMetadata(() => ({}))],
    ["no fingerprint", () => withMetadata(({ [HEAD_KEY]: only }) => ({ [HEAD_KEY]: only! }))],
    ["metadata that is no JSON", () => withMetadata((m) => ({ ...m, [HEAD_KEY]: "{" }))],
    [
      "another version",
      () => withMetadata((m) => ({ ...m, [HEAD_KEY]: m[HEAD_KEY]!.replace(":1,", ":2,") })),
    ],
    ["weights that lie in another file", () => withExternalWeights()],
    [
      "a width that is not its graph's",
      () => withMetadata((m) => ({ ...m, [HEAD_KEY]: m[HEAD_KEY]!.replace('"dim":4', '"dim":5') })),
    ],
  ])("is refused: %s", async (_, make) => {
    await expect(loadHead(make())).rejects.toThrow(format);
  });

  it("fails verification against another head", async () => {
    const other = await fitHead({ name: "linear-svm", set: { C: 0.01 }, scale: "standard" }, X, y);
    await expect(verifyHead(other, bytes, X)).rejects.toThrow(expect.objectContaining({ code: "model" }));
    await verifyHead(head, bytes, X);
  });
});
