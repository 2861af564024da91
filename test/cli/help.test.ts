import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.js";
import { runCli } from "./run-cli.js";

const { version } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as {
  version: string;
};

describe("headstart", () => {
  it("says its version", async () => {
    expect(await runCli(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });

  it("names every command under --help", async () => {
    const { code, stdout, stderr } = await runCli(["--help"]);
    expect(code).toBe(0);
    expect(stderr).toBe("");
    for (const command of [
      "embed",
      "train",
      "search",
      "audit",
      "evaluate",
      "compare",
      "predict",
      "inspect",
      "run",
      "doctor",
      "backbones",
    ]) {
      expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, "m"));
    }
  });

  it("called with nothing shows the help on stderr, as wrong usage", async () => {
    const { code, stdout, stderr } = await runCli([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("Usage: headstart");
  });

  it("loads neither the runtime nor sharp nor a tokeniser for --help", async () => {
    const listLibraries =
      "process.on('exit', () => process.stderr.write(process.report.getReport().sharedObjects.join(' ')))";
    const { stderr } = await runCli(["--help"], {
      env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(listLibraries)}` },
    });
    expect(stderr.length).toBeGreaterThan(0);
    expect(stderr).not.toMatch(/onnxruntime|sharp|vips/);
  });
});

describe.each([
  ["embed"],
  ["train"],
  ["search"],
  ["audit"],
  ["evaluate"],
  ["compare"],
  ["predict"],
  ["inspect"],
  ["run"],
  ["doctor"],
  ["backbones list"],
  ["backbones show"],
  ["providers install"],
])("headstart %s --help", (command) => {
  it("shows examples, and --json", async () => {
    const { code, stdout } = await runCli([...command.split(" "), "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain("Examples:\n  $ headstart");
    expect(stdout).toContain("--json");
  });
});
