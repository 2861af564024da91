import { describe, expect, it } from "vitest";
import { runCli } from "./run-cli.js";

describe("wrong usage exits with 2", () => {
  it.each([
    [
      "an unknown flag, with the one that was meant",
      ["embed", "x", "-o", "y", "--bacbone", "z"],
      "'--bacbone'",
      "--backbone",
    ],
    ["an unknown command, with the one that was meant", ["trian", "x"], "'trian'", "train"],
    ["a missing argument", ["train"], "'embeddings'", null],
    ["a missing flag", ["embed", "x.csv"], "--out", null],
    ["a head that is not there", ["train", "x.arrow", "--head", "bert"], "linear-svm", null],
    ["a number that is none", ["train", "x.arrow", "--cv", "many"], "whole number", null],
    ["one fold", ["train", "x.arrow", "--cv", "1"], "at least 2", null],
    ["a setting without a value", ["train", "x.arrow", "--set", "C"], "name=value", null],
    ["the same setting twice", ["train", "x.arrow", "--set", "C=1", "--set", "C=2"], "set twice", null],
    ["a projection to half a component", ["train", "x.arrow", "--pca", "1.5"], "whole number", null],
    ["whitening of nothing", ["train", "x.arrow", "--whiten"], "--pca", null],
    ["an argument too many", ["inspect", "a", "b"], "too many arguments", null],
    ["a shell that is not there", ["completion", "cmd"], "powershell", null],
    ["a provider that npm brings already", ["providers", "install", "dml"], "cuda", null],
  ])("%s", async (_what, args, message, suggestion) => {
    const { code, stdout, stderr } = await runCli(args);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^error: /);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("    at ");
    if (suggestion !== null) expect(stderr).toMatch(new RegExp(`^hint: Did you mean ${suggestion}\\?$`, "m"));
  });

  it("with --json is one document on stdout", async () => {
    const { code, stdout } = await runCli(["embed", "x", "-o", "y", "--bacbone", "z", "--json"]);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: "usage",
        message: "unknown option '--bacbone'",
        hint: "Did you mean --backbone?",
        facts: { reason: "commander.unknownOption" },
      },
    });
  });
});
