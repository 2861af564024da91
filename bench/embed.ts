// Embedding, end to end, against the bare session and against what else people use, on the same weights, texts and cores.
// Run: npm run bench:embed [-- --rows 2000 --rounds 5]; it needs ../shared; the Python peers take part where
// HEADSTART_PYTHON names a Python that has bench/peers/requirements.txt. Every contender is a process of its own, loaded
// and warmed before; they take turns, round by round; medians. What each embedded is compared with the bare session's.
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { formatTable } from "../src/cli/format-table.js";
import { cpuCount } from "../src/core/cpu-count.js";
import { packageRoot } from "../src/core/package-root.js";
import { random } from "../src/core/random.js";
import { openDataset } from "../src/data/open-dataset.js";
import { quantizeBackbone } from "../src/pipeline/backbones/backbones-quantize.js";
import { type ContenderProcess, startContender } from "./contender-process.js";
import type { EmbedAnswer, EmbedTask } from "./embed-contender.js";

const BUDGETS = [256, 512, 1024, 2048, 8192];
const IMAGE_BATCHES = [4, 16];
const { values: flags } = parseArgs({
  options: { rows: { type: "string", default: "2000" }, rounds: { type: "string", default: "5" } },
});
const rounds = Number(flags.rounds);
const root = packageRoot();
const shared = join(root, "../shared");
const backbone = join(shared, "models/all-MiniLM-L6-v2");
const cnn = join(shared, "models/efficientnet-lite0");
const photos = join(shared, "data/images/hymenoptera");
const python = process.env.HEADSTART_PYTHON;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** Sentences of MR, drawn without its order by class. */
async function sentences(count: number): Promise<string[]> {
  const dataset = await openDataset(join(shared, "data/text/mr.csv"), { text: "text", label: "" });
  const texts: string[] = [];
  for await (const row of dataset.rows()) {
    if (row.state === "row" && row.content.kind === "text") texts.push(row.content.text);
  }
  const order = Int32Array.from(texts, (_, i) => i);
  random(1).shuffle(order);
  return Array.from(order.subarray(0, count), (i) => texts[i]!);
}

/** The least cosine between rows of two files of vectors. */
async function leastCosine(path: string, reference: string, rows: number): Promise<number> {
  const read = async (file: string) => {
    const bytes = await readFile(file);
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  };
  const [a, b] = await Promise.all([read(path), read(reference)]);
  const dim = b.length / rows;
  let least = 1;
  for (let i = 0; i < rows; i++) {
    let [ab, aa, bb] = [0, 0, 0];
    for (let j = i * dim; j < (i + 1) * dim; j++) {
      ab += a[j]! * b[j]!;
      aa += a[j]! ** 2;
      bb += b[j]! ** 2;
    }
    least = Math.min(least, ab / Math.sqrt(aa * bb));
  }
  return least;
}

interface Line {
  readonly name: string;
  readonly command: readonly string[];
  readonly task: Partial<EmbedTask>;
}

/** Lets the lines take turns. @returns the answers of each, in its order. */
async function race(lines: readonly Line[], task: EmbedTask, folder: string): Promise<EmbedAnswer[][]> {
  const started = new Map<string, ContenderProcess>();
  const answers: EmbedAnswer[][] = lines.map(() => []);
  try {
    for (const { name, command } of lines) {
      const key = command.join(" ");
      if (!started.has(key)) started.set(key, await startContender(name, command));
    }
    for (let round = -1; round < rounds; round++) {
      for (const [i, line] of lines.entries()) {
        const contender = started.get(line.command.join(" "))!;
        const out = join(folder, `${i}.f32`);
        const answer = await contender.ask<EmbedAnswer>({ ...task, ...line.task, out });
        // The first round warms caches and clocks.
        if (round >= 0) answers[i]!.push(answer);
      }
    }
  } finally {
    for (const contender of started.values()) contender.close();
  }
  return answers;
}

const node = (way: string): readonly string[] => [
  process.execPath,
  join(root, "dist/bench/embed-contender.js"),
  way,
];
const peer = (way: string): readonly string[] => [python!, join(root, "bench/peers/embed.py"), way, backbone];

async function texts(folder: string): Promise<void> {
  const list = await sentences(Number(flags.rows));
  const input = join(folder, "texts.csv");
  const json = join(folder, "texts.json");
  await writeFile(input, `text\n${list.map((text) => `"${text.replaceAll('"', '""')}"`).join("\n")}\n`);
  await writeFile(json, JSON.stringify(list));
  const { folder: int8 } = await quantizeBackbone(backbone, {
    out: join(folder, "int8"),
    calibrate: input,
    text: "text",
  });
  const lines: Line[] = [
    ...BUDGETS.map((budget) => ({
      name: `bare session, ${budget} tokens`,
      command: node("bare"),
      task: { budget },
    })),
    { name: "sessions of one thread, 512 tokens", command: node("bare-sessions"), task: {} },
    { name: "headstart embed, end to end", command: node("ours"), task: {} },
    {
      name: "headstart embed --precision int8",
      command: [...node("ours"), "int8"],
      task: { backbone: int8, precision: "int8" },
    },
    { name: "transformers.js, batches of 32", command: node("transformers.js"), task: {} },
  ];
  if (python === undefined) console.log("Python's peers are left out: HEADSTART_PYTHON names no Python.");
  else {
    lines.push(
      { name: "sentence-transformers, PyTorch fp32", command: peer("sentence-transformers"), task: {} },
      { name: "onnxruntime in Python, batches of 32", command: peer("onnxruntime"), task: {} },
    );
  }
  const answers = await race(lines, { backbone, input, texts: json, out: "" }, folder);
  const seconds = answers.map((all) => median(all.map((one) => one.seconds)));
  const ours = lines.findIndex(({ command }) => command.includes("ours"));
  const table: string[][] = [];
  for (const [i, { name }] of lines.entries()) {
    const cpu = median(answers[i]!.map((one) => one.cpu));
    table.push([
      name,
      (list.length / seconds[i]!).toFixed(0),
      cpu.toFixed(2),
      `${(seconds[i]! / seconds[ours]!).toFixed(3)}x`,
      (1 - (await leastCosine(join(folder, `${i}.f32`), join(folder, "1.f32"), list.length))).toExponential(
        0,
      ),
    ]);
  }
  const heading = ["texts", "rows/s", "cpu s", "headstart is", "1 - least cosine"];
  console.log(`\n${list.length} sentences, ${cpuCount()} threads, ${rounds} rounds`);
  console.log(formatTable(table, heading).join("\n"));
  const best = Math.min(...seconds.slice(0, BUDGETS.length));
  const [quantised, peerJs] = [ours + 1, ours + 2];
  console.log(`Throughput against the best bare session: ${(best / seconds[ours]!).toFixed(3)}`);
  console.log(`int8 against transformers.js: ${(seconds[peerJs]! / seconds[quantised]!).toFixed(2)}x`);
  const total = median(answers[ours]!.map((one) => one.total!));
  console.log(`With opening the backbone: ${total.toFixed(2)} s in all.`);
}

async function images(folder: string): Promise<void> {
  const lines: Line[] = [
    ...IMAGE_BATCHES.map((budget) => ({
      name: `decoding alone + inference alone, batches of ${budget}`,
      command: node("image-parts"),
      task: { budget },
    })),
    { name: "headstart embed, end to end", command: node("ours"), task: {} },
  ];
  const answers = await race(lines, { backbone: cnn, input: photos, texts: "", out: "" }, folder);
  const seconds = answers.map((all) => median(all.map((one) => one.seconds)));
  const last = lines.length - 1;
  const rows = answers[last]![0]!.rows;
  const table = lines.map(({ name }, i) => [
    name,
    (rows / seconds[i]!).toFixed(1),
    median(answers[i]!.map((one) => one.cpu)).toFixed(2),
    `${(seconds[i]! / seconds[last]!).toFixed(3)}x`,
  ]);
  console.log(`\n${rows} JPEG photos, efficientnet-lite0`);
  console.log(formatTable(table, ["images", "images/s", "cpu s", "headstart is"]).join("\n"));
  const best = Math.min(...seconds.slice(0, last));
  console.log(`Throughput against perfect overlap: ${(best / seconds[last]!).toFixed(3)}`);
}

if (!existsSync(backbone) || !existsSync(cnn)) {
  console.log("Left out: ../shared is absent.");
} else {
  const folder = await mkdtemp(join(tmpdir(), "headstart-bench-"));
  try {
    await texts(folder);
    await images(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
