import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CLI, runCli } from "./run-cli.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "headstart-interrupt-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** More text than the embedded backbone gets through in the seconds of a test. */
const manyRows = (): string =>
  `review,label\n${Array.from({ length: 40_000 }, (_, i) => `"number ${i}, and ${"word ".repeat(100)}",a`).join("\n")}\n`;

/** Signals reach another process as such on POSIX systems only. */
describe.skipIf(process.platform === "win32")("Ctrl-C", () => {
  it("ends embed with 130, says how to go on, and leaves no file that looks whole", async () => {
    await writeFile(join(folder, "many.csv"), manyRows());
    const child = spawn(process.execPath, [CLI, "embed", "many.csv", "-o", "many.arrow"], { cwd: folder });
    let stderr = "";
    let signalled = false;
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      if (!signalled && stderr.includes("embed: ")) {
        signalled = true;
        child.kill("SIGINT");
      }
    });
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    expect(code).toBe(130);
    expect(stderr).toContain("press Ctrl-C again");
    expect(stderr).toMatch(/^error: Interrupted/m);
    expect(stderr).toMatch(/^hint: Run the same command again/m);
    expect(await readdir(folder)).not.toContain("many.arrow");
  });

  it.each([
    "SIGINT",
    "SIGTERM",
  ] as const)("sent twice ends embed at once, inside a run too: %s", async (signal) => {
    await writeFile(join(folder, "many.csv"), manyRows());
    const child = spawn(process.execPath, [CLI, "embed", "many.csv", "-o", "many.arrow", "--sessions", "2"], {
      cwd: folder,
    });
    let stderr = "";
    const sent: number[] = [];
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      const wanted = stderr.includes("press Ctrl-C again") ? 2 : stderr.includes("embed: ") ? 1 : 0;
      while (sent.length < wanted) sent.push(Number(child.kill(signal)));
    });
    const [code, by] = await new Promise<unknown[]>((resolve) =>
      child.once("close", (...how) => resolve(how)),
    );
    // ONNX Runtime used to abort here (SIGABRT): its thread was stopped in the middle of a run.
    expect({ code, by, stderr }).toMatchObject({ code: null, by: signal });
    expect(stderr).not.toContain("Napi::Error");
    expect(await readdir(folder)).not.toContain("many.arrow");
  });
});

describe.skipIf(process.platform === "win32")("a reader that leaves early", () => {
  it("of stderr ends nothing: the work goes on, and Ctrl-C stops it in order", async () => {
    await writeFile(join(folder, "many.csv"), manyRows());
    const child = spawn(process.execPath, [CLI, "embed", "many.csv", "-o", "many.arrow", "--sessions", "2"], {
      cwd: folder,
    });
    child.stderr.once("data", () => child.stderr.destroy());
    // The display writes every few seconds.
    const left = setTimeout(() => child.kill("SIGINT"), 6000);
    const [code, by] = await new Promise<unknown[]>((resolve) =>
      child.once("close", (...how) => resolve(how)),
    );
    clearTimeout(left);
    expect({ code, by }).toEqual({ code: 130, by: null });
  });

  it("ends the command without a word", async () => {
    await writeFile(join(folder, "few.csv"), `text,label\n${"good,a\nbad,b\n".repeat(50)}`);
    const run = (...args: string[]): ReturnType<typeof runCli> => runCli(args, { cwd: folder });
    expect((await run("embed", "few.csv", "-o", "few.arrow")).code).toBe(0);
    expect((await run("train", "few.arrow", "-o", "few.onnx", "--cv", "0")).code).toBe(0);
    const child = spawn(process.execPath, [CLI, "predict", "few.onnx", "few.arrow"], { cwd: folder });
    child.stdout.destroy();
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    const said = stderr.replace(/^\w+: [\d,]+\/?.*\n/gm, "");
    expect({ code, said }).toEqual({ code: 0, said: "" });
  });
});
