// Fit and predict of heads: ours, scikit-learn, and scikit-learn with Intel's extension, on the same rows and threads.
// Run: npm run bench:heads [name of a data set ...]; the peers take part where HEADSTART_PYTHON names a Python that has
// bench/peers/requirements.txt, real embeddings where ../shared is there. Each contender is a process of its own for each
// task; the contenders take turns; medians.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { formatTable } from "../src/cli/format-table.js";
import { cpuCount } from "../src/core/cpu-count.js";
import { packageRoot } from "../src/core/package-root.js";
import { random } from "../src/core/random.js";
import { readEmbeddings } from "../src/embeddings/read-embeddings.js";
import { embed } from "../src/pipeline/embed.js";

const HEADS = ["linear-svm", "logistic-regression", "svm", "random-forest", "knn"];
const ROUNDS = 3;
const root = packageRoot();
const shared = join(root, "..", "shared");
const python = process.env.HEADSTART_PYTHON;

interface Rows {
  readonly name: string;
  readonly data: Float32Array;
  readonly codes: Int32Array;
  readonly dim: number;
  /** The first rows are trained on. */
  readonly train: number;
}

interface Answer {
  readonly fit: readonly number[];
  readonly fitCpu: readonly number[];
  readonly predict: readonly number[];
  readonly accuracy: number;
  readonly peakMegabytes: number;
}

/** Real sentences, embedded once with a real BERT: kept in out/bench. */
async function embedded(name: "trec" | "mr", train: number): Promise<Rows | null> {
  const backbone = join(shared, "models/all-MiniLM-L6-v2");
  const input = join(shared, `data/text/${name}.csv`);
  if (!existsSync(backbone) || !existsSync(input)) return null;
  const out = join(root, "out/bench", `${name}.arrow`);
  if (!existsSync(out)) {
    await mkdir(join(root, "out/bench"), { recursive: true });
    await embed({ input, out, backbone, text: "text", label: "label" });
  }
  const { X, labels } = await readEmbeddings(out);
  // MR lists one class after the other.
  const order = Array.from({ length: X.rows }, (_, i) => i);
  if (name === "mr") random(1).shuffle(order as unknown as Int32Array);
  const data = new Float32Array(X.data.length);
  order.forEach((row, i) => {
    data.set(X.data.subarray(row * X.cols, (row + 1) * X.cols), i * X.cols);
  });
  return { name, data, codes: Int32Array.from(order, (row) => labels!.codes[row]!), dim: X.cols, train };
}

/** Gaussian clouds that overlap, a fifth of the rows held out. */
function clouds(train: number, dim: number, classes: number): Rows {
  const rows = Math.ceil(train * 1.2);
  const rng = random(7);
  const normal = () => Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next());
  const centres = Float32Array.from({ length: classes * dim }, () => normal() * (2 / Math.sqrt(dim)));
  const codes = Int32Array.from({ length: rows }, () => Math.floor(rng.next() * classes));
  const data = new Float32Array(rows * dim);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < dim; j++) data[i * dim + j] = centres[codes[i]! * dim + j]! + normal();
  }
  return { name: `clouds-${train}-${dim}-${classes}`, data, codes, dim, train };
}

/** Hands a task to a fresh process of a contender. */
async function ask(command: readonly string[], task: object): Promise<Answer> {
  const threads = String(cpuCount());
  const child: ChildProcess = spawn(command[0]!, command.slice(1), {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, OMP_NUM_THREADS: threads, OPENBLAS_NUM_THREADS: threads },
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  if ((await lines.next()).value !== "ready") throw new Error(`${command.join(" ")} did not start`);
  child.stdin!.end(`${JSON.stringify(task)}\n`);
  const { value } = await lines.next();
  if (value === undefined) throw new Error(`${command.join(" ")} gave no answer`);
  return JSON.parse(value as string) as Answer;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

const contenders: Record<string, readonly string[]> = {
  headstart: [process.execPath, join(root, "dist/bench/heads-contender.js")],
};
if (python === undefined) {
  console.log("scikit-learn is left out: HEADSTART_PYTHON names no Python.");
} else {
  const peer = join(root, "bench/peers/heads.py");
  contenders["scikit-learn"] = [python, peer];
  contenders.intelex = [python, peer, "--intel"];
}

const makers: Record<string, () => Promise<Rows | null> | Rows> = {
  trec: () => embedded("trec", 5452),
  mr: () => embedded("mr", 8530),
  ...Object.fromEntries(
    [1000, 5000, 20_000, 50_000].flatMap((rows) =>
      [384, 2048].flatMap((dim) =>
        [2, 10].map(
          (classes) => [`clouds-${rows}-${dim}-${classes}`, () => clouds(rows, dim, classes)] as const,
        ),
      ),
    ),
  ),
};
const asked = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), "headstart-bench-"));
const table: (string | number)[][] = [];
try {
  for (const name of asked.length > 0 ? asked : Object.keys(makers)) {
    const made = await makers[name]?.();
    if (made === undefined)
      throw new Error(`No data set '${name}'; there are ${Object.keys(makers).join(", ")}`);
    if (made === null) {
      console.log(`${name} is left out: ../shared is absent.`);
      continue;
    }
    const [X, y] = [join(folder, "X.f32"), join(folder, "y.i32")];
    await writeFile(X, made.data);
    await writeFile(y, made.codes);
    const rows = made.codes.length;
    for (const head of HEADS) {
      const answers = new Map<string, Answer[]>();
      for (let round = 0; round < ROUNDS; round++) {
        for (const [contender, command] of Object.entries(contenders)) {
          const task = {
            X,
            y,
            rows,
            dim: made.dim,
            train: made.train,
            head,
            repeats: 1,
            threads: cpuCount(),
          };
          answers.set(contender, [...(answers.get(contender) ?? []), await ask(command, task)]);
        }
      }
      const ours = answers.get("headstart")!;
      for (const [contender, all] of answers) {
        const of = (key: "fit" | "predict" | "fitCpu", from = all) => median(from.flatMap((one) => one[key]));
        table.push([
          name,
          head,
          contender,
          of("fit").toFixed(3),
          of("fitCpu").toFixed(2),
          of("predict").toFixed(3),
          `${((of("fit") + of("predict")) / (of("fit", ours) + of("predict", ours))).toFixed(2)}x`,
          (100 * median(all.map((one) => one.accuracy))).toFixed(1),
          Math.round(median(all.map((one) => one.peakMegabytes))),
        ]);
        console.log(table.at(-1)!.join("  "));
      }
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(
  `\n${formatTable(table, ["data", "head", "by", "fit s", "cpu s", "predict s", "time/ours", "accuracy", "peak MB"]).join("\n")}`,
);
