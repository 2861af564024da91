// Heads against scikit-learn: the same rows, options and folds; accuracy, and decision values where there is one optimum.
// Run: npm run bench:parity [-- digits trec ... --heads svm,knn]; it needs HEADSTART_PYTHON; real embeddings ../shared.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { formatTable } from "../src/cli/format-table.js";
import { packageRoot } from "../src/core/package-root.js";
import { readEmbeddings } from "../src/embeddings/file/read-embeddings.js";
import { stratifiedFolds } from "../src/evaluation/stratified-folds.js";
import type { Labels } from "../src/heads/classifier.js";
import { fitHead } from "../src/heads/head.js";
import { encodeLabels } from "../src/heads/labels.js";
import { type Matrix, matrix } from "../src/linalg/matrix.js";
import { embed } from "../src/pipeline/embed.js";
import { startContender } from "./contender-process.js";

const FOLDS = 5;
/** Of heads that draw random numbers, for the small sets and for embeddings. */
const SEEDS = { small: 5, large: 6 };

interface Kind {
  readonly set?: Readonly<Record<string, unknown>>;
  /** Standardised on embeddings too; scikit-learn's own sets, in units of all kinds, always are. */
  readonly scale?: "standard";
  /** Points that accuracies may lie apart. */
  readonly goal: number;
  /** Whether decision values are compared: there is one optimum, and both reach it. */
  readonly decides: boolean;
}

/** The options that bench/peers/parity.py gives its models. */
const HEADS: Readonly<Record<string, Kind>> = {
  "linear-svm": { set: { C: 1, tol: 1e-9 }, goal: 0.2, decides: true },
  "logistic-regression": { set: { C: 10, tol: 1e-12, maxIter: 10_000 }, goal: 0.2, decides: true },
  ridge: { set: { alpha: 1 }, goal: 0.2, decides: true },
  lda: { set: { shrinkage: "auto" }, goal: 0.2, decides: true },
  svm: { set: { C: 2, tol: 1e-6 }, scale: "standard", goal: 0.2, decides: true },
  "gaussian-nb": { goal: 0.2, decides: false },
  "nearest-centroid": { set: { metric: "euclidean" }, goal: 0.2, decides: false },
  knn: { set: { nNeighbors: 5, metric: "euclidean" }, goal: 0.2, decides: false },
  "random-forest": { set: { nEstimators: 100 }, goal: 0.5, decides: false },
  "extra-trees": { set: { nEstimators: 100 }, goal: 0.5, decides: false },
  "gradient-boosting": { goal: 0.5, decides: false },
};
const STOCHASTIC = new Set(["random-forest", "extra-trees"]);
const SMALL = ["digits", "iris", "wine", "breast_cancer"];
const EMBEDDED: Readonly<Record<string, { input: string; backbone: string }>> = {
  mr: { input: "data/text/mr.csv", backbone: "models/all-MiniLM-L6-v2" },
  sst2: { input: "data/text/sst2.csv", backbone: "models/all-MiniLM-L6-v2" },
  trec: { input: "data/text/trec.csv", backbone: "models/all-MiniLM-L6-v2" },
  hymenoptera: { input: "data/images/hymenoptera", backbone: "models/efficientnet-lite0" },
};
const root = packageRoot();
const shared = join(root, "../shared");
const python = process.env.HEADSTART_PYTHON;

interface Rows {
  readonly X: Matrix;
  readonly y: Labels;
}

async function buffer(path: string): Promise<ArrayBuffer> {
  const bytes = await readFile(path);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}

async function rowsOf(name: string, folder: string): Promise<Rows | null> {
  if (SMALL.includes(name)) {
    const script = join(root, "bench/peers/parity.py");
    const { stdout } = await promisify(execFile)(python!, [script, "data", name, folder]);
    const { rows, dim } = JSON.parse(stdout) as { rows: number; dim: number };
    const codes = new Int32Array(await buffer(join(folder, "y.i32")));
    return {
      X: matrix(new Float32Array(await buffer(join(folder, "X.f32"))), rows, dim),
      y: encodeLabels(Array.from(codes, String)),
    };
  }
  const { input, backbone } = EMBEDDED[name]!;
  if (!existsSync(join(shared, input)) || !existsSync(join(shared, backbone))) return null;
  const out = join(root, "out/bench", `${name}.arrow`);
  if (!existsSync(out)) {
    await mkdir(join(root, "out/bench"), { recursive: true });
    await embed({ input: join(shared, input), out, backbone: join(shared, backbone) });
  }
  const { X, labels } = await readEmbeddings(out);
  return { X, y: { codes: labels!.codes, classes: labels!.values } };
}

function split({ X, y }: Rows, keep: (row: number) => boolean): { X: Matrix; codes: Int32Array } {
  const rows = Array.from({ length: X.rows }, (_, row) => row).filter(keep);
  const data = new Float32Array(rows.length * X.cols);
  rows.forEach((row, i) => {
    data.set(X.data.subarray(row * X.cols, (row + 1) * X.cols), i * X.cols);
  });
  return { X: matrix(data, rows.length, X.cols), codes: Int32Array.from(rows, (row) => y.codes[row]!) };
}

/** Ours: the mean accuracy over folds and seeds, and the decision values of the first fold. */
async function ours(name: string, data: Rows, folds: Int32Array, seeds: number, scale: "standard" | "none") {
  const { set } = HEADS[name]!;
  let sum = 0;
  let first = new Float64Array();
  for (let seed = 0; seed < seeds; seed++) {
    for (let fold = 0; fold < FOLDS; fold++) {
      const train = split(data, (row) => folds[row] !== fold);
      const held = split(data, (row) => folds[row] === fold);
      const recipe = { name, set, scale, seed } as const;
      const head = await fitHead(recipe, train.X, { codes: train.codes, classes: data.y.classes });
      const predicted = head.predict(held.X);
      sum +=
        predicted.filter((label, i) => label === data.y.classes[held.codes[i]!]).length / predicted.length;
      if (seed === 0 && fold === 0) first = new Float64Array(head.scores(held.X).data);
    }
  }
  return { accuracy: sum / (seeds * FOLDS), scores: first };
}

/** The largest difference, relative to max(1, |value|); two classes of ours are -d and d. */
function apart(scores: Float64Array, reference: Float64Array): number {
  const own = scores.length === 2 * reference.length ? scores.filter((_, i) => i % 2 === 1) : scores;
  if (own.length !== reference.length) return Number.NaN;
  return own.reduce(
    (most, value, i) =>
      Math.max(most, Math.abs(value - reference[i]!) / Math.max(1, Math.abs(reference[i]!))),
    0,
  );
}

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { heads: { type: "string" } },
});
const names = positionals.length > 0 ? positionals : [...SMALL, ...Object.keys(EMBEDDED)];
const heads = flags.heads?.split(",") ?? Object.keys(HEADS);
if (python === undefined) {
  console.log("Left out: HEADSTART_PYTHON names no Python with scikit-learn.");
} else {
  const folder = await mkdtemp(join(tmpdir(), "headstart-parity-"));
  const peer = await startContender("scikit-learn", [python, join(root, "bench/peers/parity.py")]);
  const table: string[][] = [];
  try {
    for (const name of names) {
      const data = await rowsOf(name, folder);
      if (data === null) {
        console.log(`${name} is left out: ../shared is absent.`);
        continue;
      }
      const { X, y } = data;
      const folds = stratifiedFolds(y, FOLDS, 0);
      const paths = { X: join(folder, "X.f32"), y: join(folder, "y.i32"), folds: join(folder, "folds.i32") };
      await writeFile(paths.X, Float32Array.from(X.data));
      await writeFile(paths.y, y.codes);
      await writeFile(paths.folds, folds);
      for (const head of heads) {
        const { goal, decides } = HEADS[head]!;
        const seeds = STOCHASTIC.has(head) ? SEEDS[SMALL.includes(name) ? "small" : "large"] : 1;
        const standardise = SMALL.includes(name) || HEADS[head]!.scale === "standard";
        const task = {
          ...paths,
          standardise,
          rows: X.rows,
          dim: X.cols,
          head,
          seeds,
          scores: join(folder, "scores.f64"),
        };
        const theirs = await peer.ask<{ accuracy: number }>(task);
        const own = await ours(head, data, folds, seeds, standardise ? "standard" : "none");
        const points = 100 * (own.accuracy - theirs.accuracy);
        const difference = decides ? apart(own.scores, new Float64Array(await buffer(task.scores))) : null;
        const met = Math.abs(points) <= goal && (difference === null || difference <= 1e-3);
        table.push([
          name,
          head,
          (100 * own.accuracy).toFixed(2),
          (100 * theirs.accuracy).toFixed(2),
          points.toFixed(2),
          difference === null ? "" : difference.toExponential(1),
          met ? "yes" : "no",
        ]);
        console.log(table.at(-1)!.join("  "));
      }
    }
  } finally {
    peer.close();
    await rm(folder, { recursive: true, force: true });
  }
  const heading = [
    "data",
    "head",
    "ours %",
    "scikit-learn %",
    "points apart",
    "decision values",
    "within the goal",
  ];
  console.log(`\n${formatTable(table, heading).join("\n")}`);
}
