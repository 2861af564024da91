import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { getHeapStatistics } from "node:v8";
import { Worker } from "node:worker_threads";
import { HeadstartError } from "../../src/core/errors.js";
import { sha256 } from "../../src/core/hash.js";
import { random } from "../../src/core/random.js";
import { type BlockCoverage, blockCoverage } from "./block-coverage.js";
import { mutate } from "./mutate.js";
import { type Target, targets } from "./targets.js";

/*
 * A coverage-guided fuzzer of all that reads binary files, the ONNX reader above all. Not part of the test suite:
 *   npx tsc -p tsconfig.test.json --noEmit false --outDir dist
 *   node --expose-gc dist/test/fuzz/fuzz-protobuf.js --minutes 60 --out /tmp/fuzz
 * An input that reaches a block of code, or a number of passes through one, that no input reached before joins the
 * corpus, which is kept in `out` between runs. Findings (another error than HeadstartError, more than a second, memory
 * out of proportion) are written there too; a summary is written every ten seconds, and sums over runs.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    out: { type: "string", default: "fuzz-out" },
    seed: { type: "string", default: "1" },
    root: { type: "string", default: process.cwd() },
  },
});

const MAX_BYTES = 1 << 16;
const BATCH = 64;
const MAX_CORPUS = 4000;
const SLOW_MS = 1000;
/** Beyond this many bytes for each byte of input, and a mebibyte, memory is a finding. */
const BLOW_UP = 64;

interface Finding {
  readonly target: string;
  readonly kind: "error" | "slow" | "memory";
  readonly what: string;
  readonly file: string;
}

interface Summary {
  seconds: number;
  executions: number;
  accepted: number;
  runs: number;
  corpus: Record<string, number>;
  blocks: number;
  slowestMs: number;
  findings: Finding[];
}

const out = resolve(values.out);
mkdirSync(join(out, "findings"), { recursive: true });
const summaryPath = join(out, "summary.json");
const summary = readSummary();
const secondsBefore = summary.seconds;
summary.runs++;

const shared = {
  state: new Int32Array(new SharedArrayBuffer(8)),
  input: new Uint8Array(new SharedArrayBuffer(MAX_BYTES)),
};
const watchdog = new Worker(new URL("./watchdog.js", import.meta.url), {
  workerData: { ...shared, path: join(out, "findings", `hang-${process.pid}`), seconds: 20 },
});
watchdog.unref();

const started = performance.now();
const end = started + Number(values.minutes) * 60_000;
const generator = random(Number(values.seed) + summary.runs * 1_000_003);
const lanes = targets(values.root).map((target) => ({ target, corpus: openCorpus(target) }));
const round = lanes.flatMap((lane) => Array.from({ length: lane.target.share }, () => lane));
const coverage: BlockCoverage = blockCoverage("/src/");
for (const { target, corpus } of lanes) for (const input of corpus) blocksOf(target, input);
let written = started;
for (let turn = 0; performance.now() < end; turn++) {
  const { target, corpus } = round[turn % round.length]!;
  const batch = Array.from({ length: BATCH }, () => {
    // Newer entries are chosen more often: they are where the unseen lies.
    const newest = generator.next() < 0.3;
    const from = newest ? Math.max(0, corpus.length - 50) : 0;
    const input = corpus[from + generator.integer(corpus.length - from)]!;
    return mutate(input, corpus[generator.integer(corpus.length)]!, generator, MAX_BYTES);
  });
  for (const input of batch) execute(target, input);
  const fresh = coverage.takeNew(false) > 0 || turn % 50 === 0;
  if (fresh && corpus.length < MAX_CORPUS) keepNew(target, corpus, batch);
  if (performance.now() - written > 10_000) {
    writeSummary();
    written = performance.now();
  }
}
writeSummary();
await watchdog.terminate();

/** Keeps those of a batch that brought something new: each is run again, alone. */
function keepNew(target: Target, corpus: Uint8Array[], batch: readonly Uint8Array[]): void {
  for (const input of batch) {
    if (blocksOf(target, input) === 0) continue;
    corpus.push(input);
    writeFileSync(join(out, "corpus", target.name, sha256(input).slice(0, 16)), input);
  }
}

function blocksOf(target: Target, input: Uint8Array): number {
  execute(target, input);
  return coverage.takeNew(true);
}

function execute(target: Target, input: Uint8Array): void {
  shared.input.set(input);
  Atomics.store(shared.state, 1, input.length);
  Atomics.add(shared.state, 0, 1);
  const before = memory();
  const from = performance.now();
  let result: unknown;
  try {
    result = target.run(input);
    summary.accepted++;
  } catch (error) {
    if (!(error instanceof HeadstartError)) report(target, "error", error, input);
  }
  const elapsed = performance.now() - from;
  summary.executions++;
  summary.slowestMs = Math.max(summary.slowestMs, elapsed);
  if (elapsed > SLOW_MS) time(target, input);
  if (memory() - before > 4 * allowance(input) && result !== undefined) weigh(target, input);
}

/** The shortest of three runs, in time of the processor: the machine may have been busy with something else. */
function time(target: Target, input: Uint8Array): void {
  let shortest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3; i++) {
    const from = process.cpuUsage();
    try {
      target.run(input);
    } catch {
      // Reported where it was first seen.
    }
    const { user, system } = process.cpuUsage(from);
    shortest = Math.min(shortest, (user + system) / 1000);
  }
  if (shortest > SLOW_MS) report(target, "slow", `${Math.round(shortest)} ms`, input);
}

/** What remains of one reading once the garbage is gone. */
function weigh(target: Target, input: Uint8Array): void {
  globalThis.gc?.();
  const before = memory();
  const results: unknown[] = [target.run(input)];
  globalThis.gc?.();
  const kept = memory() - before;
  if (kept > allowance(input) && results.length === 1)
    report(target, "memory", `${kept} bytes for ${input.length}`, input);
}

function allowance(input: Uint8Array): number {
  return BLOW_UP * input.length + (1 << 20);
}

function memory(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

function report(target: Target, kind: Finding["kind"], thrown: unknown, input: Uint8Array): void {
  const what =
    thrown instanceof Error
      ? (thrown.stack ?? thrown.message).split("\n").slice(0, 3).join(" | ")
      : String(thrown);
  const place = kind === "error" ? what : kind;
  const known = summary.findings.filter(
    (one) => one.target === target.name && (kind === "error" ? one.what === place : one.kind === kind),
  );
  if (known.length > (kind === "error" ? 0 : 4)) return;
  const file = join("findings", `${target.name}-${kind}-${sha256(input).slice(0, 12)}`);
  writeFileSync(join(out, file), input);
  summary.findings.push({ target: target.name, kind, what, file });
}

function openCorpus(target: Target): Uint8Array[] {
  const folder = join(out, "corpus", target.name);
  mkdirSync(folder, { recursive: true });
  const kept = readdirSync(folder).map((name) => new Uint8Array(readFileSync(join(folder, name))));
  return [...target.seeds, ...kept].filter((input) => input.length <= MAX_BYTES);
}

function readSummary(): Summary {
  try {
    return JSON.parse(readFileSync(summaryPath, "utf8")) as Summary;
  } catch {
    return {
      seconds: 0,
      executions: 0,
      accepted: 0,
      runs: 0,
      corpus: {},
      blocks: 0,
      slowestMs: 0,
      findings: [],
    };
  }
}

function writeSummary(): void {
  summary.seconds = secondsBefore + (performance.now() - started) / 1000;
  summary.blocks = coverage.seen;
  for (const { target, corpus } of lanes) summary.corpus[target.name] = corpus.length;
  writeFileSync(`${summaryPath}.part`, JSON.stringify(summary, null, 2));
  renameSync(`${summaryPath}.part`, summaryPath);
}
