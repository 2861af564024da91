import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "./run-cli.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "headstart-cli-"));
  const yaml = "version: 1\nname: demo\ndata: { input: a.csv }\nhead: { name: svm, kernal: rbf }\n";
  await writeFile(join(folder, "wrong.yaml"), yaml);
  await writeFile(join(folder, "nowhere.yaml"), yaml.replace(", kernal: rbf", ""));
});
afterAll(() => rm(folder, { recursive: true }));

describe("headstart run", () => {
  it("points at the line and column of an unknown key", async () => {
    const { code, stdout, stderr } = await runCli(["run", "wrong.yaml"], { cwd: folder });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.split("\n").slice(0, 3)).toEqual([
      expect.stringMatching(
        /^error: wrong\.yaml:4:20: unknown key 'kernal'; known here: name, engine, set, scale, .*\bout$/,
      ),
      "  4 | head: { name: svm, kernal: rbf }",
      "    |                    ^",
    ]);
  });

  it("gives the place as data with --json", async () => {
    const { code, stdout } = await runCli(["run", "wrong.yaml", "--json"], { cwd: folder });
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: "config", facts: { file: "wrong.yaml", line: 4, column: 20 } },
    });
  });

  it("says which pipeline cannot be read", async () => {
    const { code, stderr } = await runCli(["run", "none.yaml"], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain("none.yaml");
  });

  it("fails where the data is not there", async () => {
    const { code, stdout } = await runCli(["run", "nowhere.yaml", "--json"], { cwd: folder });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: "data", message: expect.stringContaining("a.csv") as string },
    });
  });
});

describe("a file that is not there", () => {
  it.each([
    [["inspect", "none.arrow"]],
    [["train", "none.arrow"]],
    [["embed", "none.csv", "-o", "x.arrow"]],
    [["predict", "none.onnx", "none.csv"]],
    [["evaluate", "none.onnx", "none.arrow"]],
  ])("headstart %j exits with 1 and names it", async (args) => {
    const { code, stdout, stderr } = await runCli(args, { cwd: folder });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^error: .*none\./);
    expect(stderr).not.toContain("This is a bug");
  });
});
