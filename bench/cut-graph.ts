// What it costs to cut and rebuild a graph of 434 MB (BERT-base's sizes, made-up weights), beside the runtime's plain
// opening of the same file. Each run is a process of its own, so that its peak of memory is its own.
// Run: node dist/bench/cut-graph.js [runs]
import { execFile } from "node:child_process";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { formatTable } from "../src/cli/format-table.js";
import { blockOutputs } from "../src/onnx/block-outputs.js";
import { cutGraph, encodeModel, openSession, type Session } from "../src/onnx/index.js";
import { openGraphFile } from "../src/onnx/open-graph-file.js";
import { BERT_BASE, bertLike } from "./bert-like.js";

/** Milliseconds by step. */
type Steps = Record<string, number>;

const WAYS = ["plain", "built", "block 5, first", "block 5, again", "whole, again"] as const;
type Way = (typeof WAYS)[number];

async function measure(way: Way, path: string, cache: string): Promise<Steps> {
  const steps: Steps = {};
  const timed = async <T>(step: string, work: () => T | Promise<T>): Promise<T> => {
    const started = performance.now();
    const result = await work();
    steps[step] = performance.now() - started;
    return result;
  };
  let session: Session;
  if (way === "plain") session = await timed("open", () => openSession(path));
  else {
    const file = await timed("read", () => openGraphFile(path, way.endsWith("again") ? cache : null));
    const model = await timed("cut", () => {
      const output = way.startsWith("block") ? blockOutputs(file.model)[5]!.output : "last_hidden_state";
      return cutGraph(file.model, [output]);
    });
    const bytes = await timed("encode", () => encodeModel(model));
    if (way === "built") {
      steps.open = 0;
      return steps;
    }
    session = await timed("open", () => openSession(bytes, { weights: file.folder }));
  }
  const dims = [1, 8];
  await timed("run", () =>
    session.run({ input_ids: { dtype: "int64", data: new Int32Array(8).fill(7), dims } }),
  );
  await session.release();
  return steps;
}

async function child(path: string, way: Way, cache: string): Promise<Steps> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    fileURLToPath(import.meta.url),
    "-",
    path,
    way,
    cache,
  ]);
  return JSON.parse(stdout) as Steps;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

async function main(runs: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "headstart-cut-"));
  try {
    const path = join(folder, "model.onnx");
    const cache = join(folder, "cache");
    await writeFile(path, encodeModel(bertLike(BERT_BASE)));
    await openGraphFile(path, cache);
    console.log(`${((await stat(path)).size / 1e6).toFixed(0)} MB; median of ${runs} runs, milliseconds\n`);
    const rows: (string | number)[][] = [];
    for (const way of WAYS) {
      const all: Steps[] = [];
      for (let i = 0; i < runs; i++) all.push(await child(path, way, cache));
      const cell = (step: string): number | string => {
        const values = all.map((steps) => steps[step]).filter((value) => value !== undefined);
        return values.length === 0 ? "" : Math.round(median(values));
      };
      rows.push([way, ...["read", "cut", "encode", "open", "run", "MB"].map(cell)]);
    }
    const headings = ["", "read + digest", "cut", "encode", "open", "first run", "peak MB"];
    console.log(formatTable(rows, headings).join("\n"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const [first, path, way, cache] = process.argv.slice(2);
if (first === "-") {
  const steps = await measure(way as Way, path!, cache!);
  const { maxRSS } = process.resourceUsage();
  process.stdout.write(JSON.stringify({ ...steps, MB: maxRSS / 1024 }));
} else await main(Number(first ?? 5));
