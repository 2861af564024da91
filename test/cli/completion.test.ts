import { describe, expect, it } from "vitest";
import { runCli } from "./run-cli.js";

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
    ["the values of a flag", ["train", "x", "--head", "l"], ["linear-svm", "logistic-regression"]],
    ["files for an argument", ["inspect", "package.js"], ["package.json"]],
    ["folders for an argument", ["run", "pipelines/sp"], ["pipelines/spam.yaml"]],
    ["files for a path flag", ["train", "x", "--out", "package.js"], ["package.json"]],
  ])("offers %s", async (_what, words, expected) => {
    expect(await offered(...words)).toEqual(expected);
  });
});
