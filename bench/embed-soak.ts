// Embedding without end: resident memory over time of one `headstart embed` that is fed sentences, all different.
// Run: npm run bench:embed-soak [-- --minutes 30 --backbone use-lite]. Linux only: it reads /proc.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { formatTable } from "../src/cli/format-table.js";
import { packageRoot } from "../src/core/package-root.js";
import { random } from "../src/core/random.js";

const WORDS = "a brave quiet film about people who find one another late and lose the house they built".split(
  " ",
);
const SAMPLES = 30;
const { values: flags } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    backbone: { type: "string", default: "use-lite" },
  },
});
const folder = await mkdtemp(join(tmpdir(), "headstart-soak-"));
const main = join(packageRoot(), "dist/src/cli/headstart.cjs");
const out = join(folder, "soak.arrow");
const child = spawn(
  process.execPath,
  [main, "embed", "-", "--format", "text", "-o", out, "--backbone", flags.backbone, "--json", "--no-cache"],
  { stdio: ["pipe", "pipe", "ignore"] },
);
const ended = once(child, "exit");
const answer: Buffer[] = [];
child.stdout.on("data", (chunk: Buffer) => answer.push(chunk));

const until = performance.now() + Number(flags.minutes) * 60_000;
const every = (Number(flags.minutes) * 60_000) / SAMPLES;
const draw = random(1);
let written = 0;
const table: string[][] = [];
const look = async (): Promise<void> => {
  const status = await readFile(`/proc/${child.pid}/status`, "utf8");
  const megabytes = (key: string): string =>
    (Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1]) / 1024).toFixed(0);
  const minutes = (performance.now() - until) / 60_000 + Number(flags.minutes);
  table.push([minutes.toFixed(1), String(written), megabytes("VmRSS"), megabytes("VmHWM")]);
  console.log(table.at(-1)!.join("  "));
};
const looking = setInterval(() => void look(), every);
try {
  while (performance.now() < until) {
    const words = Array.from(
      { length: 4 + Math.floor(draw.next() * 20) },
      () => WORDS[Math.floor(draw.next() * WORDS.length)]!,
    );
    if (!child.stdin.write(`${words.join(" ")} ${written}\n`)) await once(child.stdin, "drain");
    written++;
  }
  clearInterval(looking);
  child.stdin.end();
  const [code] = await ended;
  console.log(`\n${formatTable(table, ["minutes", "rows fed", "resident MB", "peak MB"]).join("\n")}`);
  const { rows, rowsPerSecond } = JSON.parse(Buffer.concat(answer).toString()) as Record<string, number>;
  console.log(`exit code ${code}, ${rows} rows embedded of ${written}, ${rowsPerSecond?.toFixed(0)} rows/s`);
} finally {
  clearInterval(looking);
  child.kill();
  await rm(folder, { recursive: true, force: true });
}
