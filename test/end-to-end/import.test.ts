import { createRequire } from "node:module";
import { beforeAll, describe, expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import { readEmbeddings } from "../../src/embeddings/file/read-embeddings.js";
import { toNestedRows } from "../../src/heads/mljs/mljs-rows.js";
import type * as headstart from "../../src/index.js";
import { REVIEWS, reviewsCsv } from "./reviews.js";
import { workplace } from "./run-cli.js";

interface Svm {
  train(rows: number[][], signs: number[]): void;
  predict(rows: number[][]): number[];
}
interface Forest {
  train(rows: number[][], codes: number[]): void;
  predict(rows: number[][]): number[];
  predictionValues(rows: number[][]): { getRow(row: number): number[] };
}
const require = createRequire(import.meta.url);
const SvmOf = require("ml-svm") as new (options: object) => Svm;
const { RandomForestClassifier } = require("ml-random-forest") as {
  RandomForestClassifier: new (options: object) => Forest;
};

const { path, write, json, refused } = workplace();
let rows: number[][];
let good: number[];
beforeAll(async () => {
  write("reviews.csv", reviewsCsv(["id", "review", "label"]));
  await json(["embed", "reviews.csv", "-o", "x.arrow"]);
  rows = toNestedRows((await readEmbeddings(`${path}/x.arrow`)).X);
  good = REVIEWS.map(({ label }) => Number(label === "good"));
});

async function labelsOf(model: string, more: string[] = []): Promise<(string | null)[]> {
  const made = await json<headstart.ImportHeadResult>([
    "import",
    model,
    "--embeddings",
    "x.arrow",
    "-o",
    "h.onnx",
    ...more,
  ]);
  expect(made).toMatchObject({ out: "h.onnx", backbone: "use-lite", verifiedRows: 60 });
  const { predictions } = await json<{ predictions: headstart.Prediction[] }>([
    "predict",
    "h.onnx",
    "x.arrow",
  ]);
  return predictions.map(({ prediction }) => prediction);
}

describe("headstart import", () => {
  it.each([
    ["linear, whitened", { kernel: "linear" }],
    ["rbf, whitened", { kernel: "rbf", kernelOptions: { sigma: 2 } }],
    ["rbf, as it is", { kernel: "gaussian", kernelOptions: { sigma: 0.5 }, whitening: false }],
  ])("takes over an ml-svm model: %s", async (_, options) => {
    const svm = new SvmOf({ ...options, maxPasses: 2, random: random(3).next });
    svm.train(
      rows,
      good.map((code) => 2 * code - 1),
    );
    write("svm.json", JSON.stringify(svm));
    const own = svm.predict(rows);
    expect(new Set(own).size).toBe(2);
    expect(await labelsOf("svm.json", ["--classes", "bad,good"])).toEqual(
      own.map((sign) => (sign > 0 ? "good" : "bad")),
    );
    expect(await labelsOf("svm.json")).toEqual(own.map(String));
  });

  it("takes over a forest of ml-random-forest", async () => {
    const forest = new RandomForestClassifier({
      seed: 3,
      nEstimators: 11,
      maxFeatures: 0.2,
      replacement: false,
      noOOB: true,
    });
    forest.train(rows, good);
    write("forest.json", JSON.stringify(forest));
    const own = forest.predict(rows).map((code) => ["bad", "good"][code]);
    expect(new Set(own).size).toBe(2);
    expect(await labelsOf("forest.json", ["--classes", "bad,good"])).toEqual(own);
  });

  it("refuses what is no such model, or does not fit", async () => {
    const importing = (model: string, ...more: string[]) => [
      "import",
      model,
      "--embeddings",
      "x.arrow",
      "-o",
      "n.onnx",
      ...more,
    ];
    write("none.json", "{}");
    write("broken.json", "{");
    write("small.json", JSON.stringify({ options: { kernel: "linear", whitening: false }, b: 0, W: [1, 2] }));
    write("laplace.json", JSON.stringify({ options: { kernel: "laplacian", whitening: false }, b: 0 }));
    await refused(importing("none.json"), 1, /cannot be imported: options/, /JSON.stringify/);
    await refused(importing("broken.json"), 1, /Cannot read broken.json as JSON/, /JSON.stringify/);
    await refused(importing("small.json"), 1, /takes 2 features, the embeddings have 512/, /JSON/);
    await refused(importing("laplace.json"), 1, /options.kernel/, /JSON/);
    await refused(importing("forest.json", "--classes", "one"), 1, /2 classes, 1 are named/, /JSON/);
  });
});
