// What a newcomer waits for: a fresh clone with an empty npm cache, `npm ci`, `npm run demo`; and what it takes on disk.
// Run: npm run bench:first-run
import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatTable } from "../src/cli/format-table.js";
import { packageRoot } from "../src/core/package-root.js";

/** Time and largest resident memory of a command; its children count, each process by itself. */
interface Run {
  readonly seconds: number;
  /** Of the largest single process; null where /proc is absent. */
  readonly peakMegabytes: number | null;
  readonly output: string;
}

const POLL_MILLISECONDS = 50;

async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): Promise<Run> {
  const started = performance.now();
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    shell: process.platform === "win32",
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (data: Buffer) => (output += data.toString()));
  let peak: number | null = null;
  const poll = setInterval(
    () => void peakOf(child.pid!).then((now) => (peak = Math.max(peak ?? 0, now ?? 0) || null)),
    POLL_MILLISECONDS,
  );
  const code = await new Promise((resolve) => child.on("close", resolve));
  clearInterval(poll);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${output}`);
  return { seconds: (performance.now() - started) / 1000, peakMegabytes: peak, output };
}

/** VmHWM of a process and all below it, the largest, in MB. */
async function peakOf(pid: number): Promise<number | null> {
  try {
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    const own = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
    const children = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8"))
      .trim()
      .split(" ")
      .filter(Boolean);
    const below = await Promise.all(children.map((child) => peakOf(Number(child))));
    return Math.max(own, ...below.map((one) => one ?? 0));
  } catch {
    return null;
  }
}

async function megabytes(path: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return bytes / 1e6;
}

const folder = await mkdtemp(join(tmpdir(), "headstart-first-run-"));
try {
  const clone = join(folder, "headstart");
  await run("git", ["clone", "--quiet", packageRoot(), clone], folder);
  const env = {
    npm_config_cache: join(folder, "cache"),
    npm_config_fund: "false",
    npm_config_audit: "false",
  };
  const install = await run("npm", ["ci"], clone, env);
  const demo = await run("npm", ["run", "demo"], clone, env);
  const packed = await run("npm", ["pack", "--json", "--ignore-scripts", "--loglevel=silent"], clone, env);
  const [{ size, unpackedSize, filename }] = JSON.parse(packed.output) as [
    { size: number; unpackedSize: number; filename: string },
  ];
  const user = join(folder, "user");
  await run("npm", ["install", "--prefix", user, join(clone, filename), "--loglevel=silent"], folder, {
    ...env,
    npm_config_cache: join(folder, "user-cache"),
    ONNXRUNTIME_NODE_INSTALL: "skip",
  });
  const memory = (one: Run): string =>
    one.peakMegabytes === null ? "" : `${one.peakMegabytes.toFixed(0)} MB`;
  const rows = [
    ["npm ci, empty cache", `${install.seconds.toFixed(1)} s`, memory(install)],
    ["npm run demo", `${demo.seconds.toFixed(1)} s`, memory(demo)],
    ["node_modules of a contributor", `${(await megabytes(join(clone, "node_modules"))).toFixed(0)} MB`, ""],
    ["package, packed", `${(size / 1e6).toFixed(1)} MB`, ""],
    ["package, unpacked", `${(unpackedSize / 1e6).toFixed(1)} MB`, ""],
    ["node_modules of a user", `${(await megabytes(join(user, "node_modules"))).toFixed(0)} MB`, ""],
    ["downloaded by a user, packed", `${(await megabytes(join(folder, "user-cache"))).toFixed(0)} MB`, ""],
  ];
  process.stdout.write(
    `${demo.output}\n${formatTable(rows, ["what", "", "peak of one process"]).join("\n")}\n`,
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}
