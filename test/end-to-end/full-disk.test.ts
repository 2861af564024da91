import { spawn, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import * as headstart from "../../src/index.js";
import { CLI } from "../cli/run-cli.js";
import { workplace } from "./run-cli.js";
import { writeTinyCheckpoint } from "./tiny-checkpoint.js";

const { path, write } = workplace();
const at = (name: string): string => join(path, name);
const noMounts = spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "none", tmpdir()]).status !== 0;
const ROWS = 5000;

beforeAll(() => {
  if (noMounts) return;
  writeTinyCheckpoint(at("tiny"));
  const words = ["room", "soup", "concert", "loved", "regret", "cold"];
  const rows = Array.from(
    { length: ROWS },
    (_, i) => `n${i},the ${words[i % 6]} ${words[(i * i) % 5]},${i % 3}`,
  );
  write("rows.csv", `id,text,label\n${rows.join("\n")}\n`);
  mkdirSync(at("disk"));
});

/** Runs a script where `disk` is a file system of so many kilobytes, which is gone afterwards. */
async function onDisk(kilobytes: number, script: string) {
  const mounted = `mount -t tmpfs -o size=${kilobytes}k none disk && ${script}`;
  const child = spawn("unshare", ["-rm", "bash", "-c", mounted], {
    cwd: path,
    env: {
      ...process.env,
      EMBED: `${process.execPath} ${CLI} embed rows.csv -o disk/x.arrow --backbone tiny --threads 1`,
    },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, stdout, stderr };
}

async function contentOf(name: string) {
  const { meta, ...rest } = await headstart.readEmbeddings(at(name));
  return rest;
}

/** 5,000 rows take about 460 kB in the part file and as much in the finished one. */
describe.skipIf(noMounts).concurrent("a disk that is full (skipped: no user namespaces)", () => {
  it.each([
    ["in the middle", 300, "middle.arrow"],
    ["while the finished file is written", 700, "finish.arrow"],
  ])("%s keeps the work, says what to do, and goes on once there is room", async (_, kilobytes, copy) => {
    const script = `$EMBED; echo "code $?"; ls disk; mount -o remount,size=9m disk && $EMBED && cp disk/x.arrow ${copy}`;
    const { code, stdout, stderr } = await onDisk(kilobytes, script);
    expect({ code, stdout, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toMatch(/^error: Cannot write disk\/x\.arrow.*ENOSPC/m);
    expect(stderr).toMatch(/^hint: The disk is full: free some space, then run the same command again\.$/m);
    expect(stdout).toMatch(/^code 1\nx\.arrow\.part\nx\.arrow\.part\.json\nx\.arrow\.part\.rejects\.jsonl\n/);
    const resumed = Number(/^ *resumed +at row ([\d,]+)$/m.exec(stdout)?.[1]?.replace(",", ""));
    expect(resumed).toBeGreaterThanOrEqual(1024);
    if (copy === "finish.arrow") expect(resumed).toBe(ROWS);
    await headstart.embed({
      input: at("rows.csv"),
      out: at(`whole-${copy}`),
      backbone: at("tiny"),
      threads: 1,
    });
    expect(await contentOf(copy)).toEqual(await contentOf(`whole-${copy}`));
  });
});
