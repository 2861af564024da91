// Fit and predict of heads: ours, scikit-learn, scikit-learn with Intel's extension, and on small sets ml-svm and
// ml-random-forest, on the same rows and threads.
// Run: npm run bench:heads -- [--sets trec,mr,syn-5k-384-2] [--heads svm,knn] [--by headstart,scikit-learn] [--rounds 3]
// [--limit 300] [--warm set]; the peers take part where HEADSTART_PYTHON names a Python that has
// bench/peers/requirements.txt, real embeddings where ../shared is there. Each contender is a process of its own for each
// task; the contenders take turns; medians. Loading is outside the clock, and all processes are warmed alike: each first
// fits, and predicts, 200 x 16 rows of noise, and each model predicts one row before it is timed. What JavaScript runs is
// hardly compiled then; with `--warm set` each process fits the set itself once before the clock starts, as in one that
// has been at work for a while. A task that takes longer than the limit, in seconds, is ended and not tried again, nor on
// more rows.
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { formatTable } from "../src/cli/format-table.js";
import { cpuCount } from "../src/core/cpu-count.js";
import { packageRoot } from "../src/core/package-root.js";
import { type Rows, SETS, USUAL_SETS } from "./heads-data.js";

interface Answer {
  readonly fit: readonly number[];
  readonly fitCpu: readonly number[];
  readonly predict: readonly number[];
  readonly accuracy: number;
  readonly peakMegabytes: number;
}

interface Contender {
  readonly command: readonly string[];
  /** What is added to its tasks. */
  readonly task?: object;
  /** Null where it takes part in all. */
  readonly heads: readonly string[] | null;
  readonly mostRows: number;
  /** Seconds; null: the limit of the run. */
  readonly limit: number | null;
}

const HEADS = ["linear-svm", "logistic-regression", "svm", "random-forest", "knn"];
const { values } = parseArgs({
  options: {
    sets: { type: "string", default: Object.keys(USUAL_SETS).join() },
    heads: { type: "string", default: HEADS.join() },
    by: { type: "string" },
    rounds: { type: "string", default: "3" },
    limit: { type: "string", default: "300" },
    warm: { type: "string", default: "noise" },
  },
});
const limitOfRun = Number(values.limit);
if (values.warm !== "noise" && values.warm !== "set") throw new Error("--warm is noise or set");
const python = process.env.HEADSTART_PYTHON;

function contenders(): Map<string, Contender> {
  const root = packageRoot();
  const ours = [process.execPath, join(root, "dist/bench/heads-contender.js")];
  const all = { heads: null, mostRows: Infinity, limit: null };
  const found = new Map<string, Contender>([["headstart", { command: ours, ...all }]]);
  if (python === undefined) {
    console.log("scikit-learn is left out: HEADSTART_PYTHON names no Python.");
  } else {
    const peer = join(root, "bench/peers/heads.py");
    found.set("scikit-learn", { command: [python, peer], ...all });
    found.set("intelex", { command: [python, peer, "--intel"], ...all });
  }
  const mljs = { heads: ["svm", "random-forest"], mostRows: 1000, limit: 60 };
  found.set("mljs", { command: ours, task: { engine: "mljs" }, ...mljs });
  const wanted = values.by?.split(",");
  return new Map([...found].filter(([name]) => wanted === undefined || wanted.includes(name)));
}

/** Hands a task to a fresh process of a contender; null where it is not done in time. */
async function ask(command: readonly string[], task: object, limit: number): Promise<Answer | null> {
  const threads = String(cpuCount());
  const child = spawn(command[0]!, command.slice(1), {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, OMP_NUM_THREADS: threads, OPENBLAS_NUM_THREADS: threads },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  if ((await lines.next()).value !== "ready") throw new Error(`${command.join(" ")} did not start`);
  let late = false;
  const clock = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, 1000 * limit);
  child.stdin.end(`${JSON.stringify(task)}\n`);
  const { value } = await lines.next();
  clearTimeout(clock);
  if (late) return null;
  if (value === undefined) throw new Error(`${command.join(" ")} gave no answer`);
  return JSON.parse(value) as Answer;
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;

/** Rows at which a contender was too late with a head, by both and the shape of the rows. */
const tooMany = new Map<string, number>();

/** All rounds of one head on one set; a contender without answers has a reason instead. */
async function race(
  files: { X: string; y: string },
  set: Rows,
  head: string,
): Promise<Map<string, Answer[] | string>> {
  const found = new Map<string, Answer[] | string>();
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [name, contender] of contendersOfRun) {
      if (contender.heads?.includes(head) === false || set.train > contender.mostRows) continue;
      const key = [name, head, set.dim, set.classes].join(" ");
      const limit = contender.limit ?? limitOfRun;
      const before = found.get(name) ?? [];
      if (typeof before === "string") continue;
      if (set.train >= (tooMany.get(key) ?? Infinity)) {
        found.set(name, `not tried: over ${limit} s with ${tooMany.get(key)} rows`);
        continue;
      }
      const { dim, train } = set;
      const rows = set.codes.length;
      const { warm } = values;
      const settings = { head, warm, repeats: 1, threads: cpuCount(), ...contender.task };
      const task = { ...files, rows, dim, train, ...settings };
      const answer = await ask(contender.command, task, limit);
      if (answer === null) tooMany.set(key, train);
      found.set(name, answer === null ? `ended: over ${limit} s` : [...before, answer]);
    }
  }
  return found;
}

/** A row of the table for each contender; the ratio is of fit and predict together. */
function rowsOf(
  set: Rows,
  head: string,
  found: ReadonlyMap<string, Answer[] | string>,
): (string | number)[][] {
  const of = (answers: readonly Answer[], key: "fit" | "predict" | "fitCpu"): number =>
    median(answers.flatMap((one) => one[key]));
  const total = (answers: readonly Answer[]): number => of(answers, "fit") + of(answers, "predict");
  const ours = found.get("headstart");
  return [...found].map(([name, answers]) => {
    if (typeof answers === "string") return [set.name, head, name, answers];
    return [
      set.name,
      head,
      name,
      of(answers, "fit").toFixed(3),
      of(answers, "fitCpu").toFixed(2),
      of(answers, "predict").toFixed(3),
      Array.isArray(ours) ? `${(total(answers) / total(ours)).toFixed(2)}x` : "",
      (100 * median(answers.map((one) => one.accuracy))).toFixed(1),
      Math.round(median(answers.map((one) => one.peakMegabytes))),
    ];
  });
}

const contendersOfRun = contenders();
const folder = await mkdtemp(join(tmpdir(), "headstart-bench-"));
const table: (string | number)[][] = [];
try {
  for (const name of values.sets.split(",")) {
    const set = await SETS[name]?.();
    if (set === undefined)
      throw new Error(`No data set '${name}'; there are ${Object.keys(SETS).join(", ")}`);
    if (set === null) {
      console.log(`${name} is left out: ../shared is absent.`);
      continue;
    }
    const files = { X: join(folder, "X.f32"), y: join(folder, "y.i32") };
    await writeFile(files.X, set.data);
    await writeFile(files.y, set.codes);
    for (const head of values.heads.split(",")) {
      for (const row of rowsOf(set, head, await race(files, set, head))) {
        table.push(row);
        console.log(row.join("  "));
      }
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
const headings = ["data", "head", "by", "fit s", "cpu s", "predict s", "time/ours", "accuracy", "peak MB"];
console.log(`\n${formatTable(table, headings).join("\n")}`);
