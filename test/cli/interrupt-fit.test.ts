import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { embed } from "../../src/pipeline/embed.js";

const root = join(import.meta.dirname, "../..");
const main = join(root, "dist/src/cli/headstart.cjs");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "headstart-interrupt-fit-"));
  await embed({ input: join(root, "data/sentiment/built/words.csv"), out: join(folder, "words.arrow") });
});
afterAll(() => rm(folder, { recursive: true }));

// Windows has no such signal between processes.
it.skipIf(process.platform === "win32")(
  "Ctrl-C ends a fit at once, although no listener can be called then",
  async () => {
    const out = join(folder, "forest.onnx");
    const args = [
      "train",
      "words.arrow",
      "-o",
      out,
      "--head",
      "random-forest",
      "--set",
      "nEstimators=5000",
      "--cv",
      "0",
    ];
    const child = spawn(process.execPath, [main, ...args], { cwd: folder, stdio: "ignore" });
    const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
      child.on("exit", (code, signal) => resolve({ code, signal })),
    );
    await setTimeout(2500);
    const sent = performance.now();
    child.kill("SIGINT");
    const { code, signal } = await ended;
    expect(performance.now() - sent).toBeLessThan(2000);
    expect(code === 130 || signal === "SIGINT").toBe(true);
    expect(existsSync(out)).toBe(false);
  },
);
