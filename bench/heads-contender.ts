// Our side of bench/heads.ts; the protocol is that of bench/peers/heads.py. Predictions go through the saved head.
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { random } from "../src/core/random.js";
import { fitHead } from "../src/heads/head.js";
import { headToOnnx, loadHead } from "../src/heads/head-onnx.js";
import { encodeLabels } from "../src/heads/labels.js";
import { type Matrix, matrix } from "../src/linalg/matrix.js";

interface Task {
  readonly X: string;
  readonly y: string;
  readonly rows: number;
  readonly dim: number;
  readonly train: number;
  readonly head: string;
  readonly repeats: number;
  readonly threads: number;
  /** What is fitted before the clock starts; default `noise`. */
  readonly warm?: "noise" | "set";
  /** Default `headstart`. */
  readonly engine?: "mljs";
}

/** The options that bench/peers/heads.py gives its models. */
const SET: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "linear-svm": { C: 1 },
  "logistic-regression": { C: 10 },
  svm: { C: 2 },
  "random-forest": { nEstimators: 100 },
  knn: { nNeighbors: 5, metric: "euclidean" },
};
/** The same for ml-svm and ml-random-forest. */
const SET_OF_MLJS: typeof SET = { svm: { C: 2 }, "random-forest": { nEstimators: 100 } };
const META = { fingerprint: "", backbone: null, metrics: null };

async function buffer(path: string): Promise<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = await readFile(path);
  // Small files lie in a buffer that others use too.
  const own = byteOffset === 0 && byteLength === buffer.byteLength;
  return (own ? buffer : buffer.slice(byteOffset, byteOffset + byteLength)) as ArrayBuffer;
}

async function fitAndPredict(X: Matrix, codes: Int32Array, queries: Matrix, task: Task) {
  const labels = encodeLabels(Array.from(codes, String));
  const started = performance.now();
  const before = process.cpuUsage();
  const recipe = {
    name: task.head,
    engine: task.engine,
    set: (task.engine === "mljs" ? SET_OF_MLJS : SET)[task.head],
    scale: task.head === "svm" ? "standard" : "none",
  };
  const head = await fitHead(recipe as Parameters<typeof fitHead>[0], X, labels, { threads: task.threads });
  const fit = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  const loaded = await loadHead(headToOnnx(head, META));
  await loaded.run({ data: queries.data.slice(0, queries.cols), rows: 1, cols: queries.cols });
  const asked = performance.now();
  const { labels: predicted } = await loaded.run(queries);
  const predict = (performance.now() - asked) / 1000;
  await loaded.release();
  return { fit, fitCpu: (user + system) / 1e6, predict, predicted };
}

async function answer(task: Task): Promise<object> {
  const { rows, dim, train } = task;
  const data = new Float32Array(await buffer(task.X));
  const codes = new Int32Array(await buffer(task.y));
  const X = matrix(data.subarray(0, train * dim), train, dim);
  const queries = matrix(data.subarray(train * dim), rows - train, dim);
  const rng = random(0);
  const few = matrix(
    Float32Array.from({ length: 200 * 16 }, () => rng.next()),
    200,
    16,
  );
  const coins = Int32Array.from({ length: 200 }, () => Number(rng.next() < 0.5));
  await fitAndPredict(few, coins, few, task);
  if (task.warm === "set") await fitAndPredict(X, codes.slice(0, train), queries, task);
  const runs = [];
  for (let repeat = 0; repeat < task.repeats; repeat++) {
    runs.push(await fitAndPredict(X, codes.slice(0, train), queries, task));
  }
  const last = runs.at(-1)!.predicted;
  return {
    fit: runs.map((run) => run.fit),
    fitCpu: runs.map((run) => run.fitCpu),
    predict: runs.map((run) => run.predict),
    accuracy: last.filter((label, i) => Number(label) === codes[train + i]).length / last.length,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
  };
}

console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line) as Task)));
}
