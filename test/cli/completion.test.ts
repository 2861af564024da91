import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLI, runCli } from "./run-cli.js";

describe("headstart completion", () => {
  it.each([
    ["bash", "complete -F"],
    ["zsh", "#compdef headstart"],
    ["fish", "complete -c headstart"],
    ["powershell", "Register-ArgumentCompleter"],
  ])("prints a script for %s", async (shell, line) => {
    const { code, stdout, stderr } = await runCli(["completion", shell]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(line);
  });

  /** What the shell is offered for the words typed so far. */
  const offered = async (...words: string[]): Promise<string[]> => {
    const { stdout } = await runCli(["complete", "--", ...words]);
    return stdout
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith(":"))
      .map((line) => line.split("\t")[0] ?? "");
  };

  it.each([
    ["commands", ["ev"], ["evaluate"]],
    ["commands under commands", ["backbones", "s"], ["show"]],
    ["flags", ["embed", "x", "--de"], ["--device"]],
    ["the values of a flag", ["train", "x", "--head", "l"], ["linear-svm", "logistic-regression", "lda"]],
    ["files for an argument", ["inspect", "package.js"], ["package.json"]],
    ["folders for an argument", ["run", "pipelines/sp"], ["pipelines/spam.yaml"]],
    ["files for a path flag", ["train", "x", "--out", "package.js"], ["package.json"]],
  ])("offers %s", async (_what, words, expected) => {
    expect(await offered(...words)).toEqual(expected);
  });
});

const noBash = spawnSync("bash", ["--version"]).status !== 0 || process.platform === "win32";
describe.skipIf(noBash)("in bash alone, without its completion package (skipped: no bash)", () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "headstart-bash-"));
    writeFileSync(join(folder, "headstart"), `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`);
    chmodSync(join(folder, "headstart"), 0o755);
    mkdirSync(join(folder, "photos"));
    writeFileSync(join(folder, "my mail.arrow"), "");
    writeFileSync(join(folder, "script"), (await runCli(["completion", "bash"])).stdout);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ["a command", ["tr"], ["train"]],
    ["a flag", ["train", "--h"], ["--head", "--help"]],
    ["a head", ["train", "--head", "ra"], ["random-forest"]],
    ["a head after =", ["train", "--head", "=", "lo"], ["logistic-regression"]],
    ["every engine after =", ["train", "--engine", "="], ["headstart", "mljs"]],
    ["a name with a space", ["train", "my"], ["my\\ mail.arrow"]],
    ["a name with a space, begun", ["train", "my\\ m"], ["my\\ mail.arrow"]],
    ["a folder", ["embed", "ph"], ["photos/"]],
    ["nothing that the words would run", ["train", "$(touch was-run)"], []],
    ["no file that they made", ["train", "was"], []],
  ])("completes %s", (_what, words, expected) => {
    const { stdout, stderr } = spawnSync(
      "bash",
      [
        "--norc",
        "-c",
        'source ./script; source ./script; COMP_WORDS=(headstart "$@"); COMP_CWORD=$#; __headstart_complete; for offer in "${' +
          'COMPREPLY[@]}"; do echo "$offer"; done',
        "bash",
        ...words,
      ],
      { cwd: folder, encoding: "utf8", env: { ...process.env, PATH: `${folder}:${process.env.PATH}` } },
    );
    expect({ offered: stdout.split("\n").filter((line) => line !== ""), stderr }).toEqual({
      offered: expected,
      stderr: "",
    });
  });
});
