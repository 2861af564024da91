// What it costs to embed a corpus again of which one row in a hundred changed, against the first run: through the command
// line, by the cache and by --update, with a backbone of one's own (--backbone) or the embedded one.
// npm run bench:embed-again -- --rows 10000 --backbone ../shared/models/all-MiniLM-L6-v2
import { spawn } from "node:child_process";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { formatTable } from "../src/cli/format-table.js";
import { packageRoot } from "../src/core/package-root.js";
import { random } from "../src/core/random.js";
import type { EmbedResult } from "../src/pipeline/types.js";

const { values: flags } = parseArgs({
  options: {
    rows: { type: "string", default: "10000" },
    backbone: { type: "string", default: "use-lite" },
    // Also a first run without a cache: what filling it costs.
    control: { type: "boolean", default: false },
  },
});
const rows = Number(flags.rows);
const words = (
  "the a was and room soup concert loved regret cold service waited hours friendly never again best worst staff " +
  "clean noisy value money would recommend nobody anyone lovely dull film plot music taste fresh stale price"
).split(" ");
const rng = random(7);
const sentence = (): string =>
  Array.from({ length: 8 + rng.integer(24) }, () => words[rng.integer(words.length)]!).join(" ");
const corpus = Array.from({ length: rows }, (_, i) => `${i},${sentence()} ${i}`);
const changed = corpus.map((row, i) => (i % 100 === 50 ? `${i},${sentence()} anew ${i}` : row));

const folder = await mkdtemp(join(tmpdir(), "headstart-bench-again-"));
const backbone = flags.backbone.includes("/") ? resolve(flags.backbone) : flags.backbone;

async function embed(what: string, input: string, args: readonly string[]): Promise<string[]> {
  const main = join(packageRoot(), "dist/src/cli/headstart.cjs");
  const began = performance.now();
  const child = spawn(
    process.execPath,
    [main, "embed", input, "--backbone", backbone, "--text", "text", "--json", ...args],
    {
      cwd: folder,
      env: { ...process.env, HEADSTART_CACHE: join(folder, "cache") },
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
  const pieces: Buffer[] = [];
  child.stdout.on("data", (piece: Buffer) => pieces.push(piece));
  const code = await new Promise((done) => child.once("close", done));
  if (code !== 0) throw new Error(`${what}: exit code ${code}`);
  const total = (performance.now() - began) / 1000;
  const { seconds, known } = JSON.parse(Buffer.concat(pieces).toString()) as EmbedResult;
  const work = seconds.total - seconds.load;
  first ??= { total, work };
  const share = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;
  return [
    what,
    `${known.cache + known.target}`,
    `${work.toFixed(2)} s`,
    share(work, first.work),
    `${total.toFixed(2)} s`,
    share(total, first.total),
  ];
}

let first: { total: number; work: number } | undefined;
try {
  await writeFile(join(folder, "corpus.csv"), `id,text\n${corpus.join("\n")}\n`);
  await writeFile(join(folder, "changed.csv"), `id,text\n${changed.join("\n")}\n`);
  const table = [
    await embed("first run, empty cache", "corpus.csv", ["-o", "corpus.arrow", "--cache"]),
    await embed("1 % changed, --update without cache", "changed.csv", [
      "-o",
      "corpus.arrow",
      "--update",
      "--no-cache",
    ]),
    await embed("1 % changed, by the cache", "changed.csv", ["-o", "changed.arrow", "--cache"]),
    await embed("nothing changed, by the cache", "changed.csv", ["-o", "again.arrow", "--cache"]),
  ];
  if (flags.control) {
    table.push(await embed("first run, no cache", "corpus.csv", ["-o", "none.arrow", "--no-cache"]));
  }
  const { size } = await stat(join(folder, "corpus.arrow"));
  const heads = ["run", "known", "embed + write", "of the first", "process", "of the first"];
  console.log(`${rows} texts, ${backbone}, embeddings file of ${(size / 1e6).toFixed(1)} MB`);
  console.log(formatTable(table, heads).join("\n"));
} finally {
  await rm(folder, { recursive: true, force: true });
}
