import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { runCli } from "../cli/run-cli.js";
import { reviewsCsv } from "./reviews.js";
import { workplace } from "./run-cli.js";
import { writeTinyCheckpoint } from "./tiny-checkpoint.js";

const { path, write } = workplace();
beforeAll(() => {
  write("reviews.csv", reviewsCsv(["id", "review", "label"]));
  writeTinyCheckpoint(join(path, "tiny"));
});

/** Runs with a home of its own, and tells what is in it afterwards. */
async function leftInHome(name: string, args: readonly string[]) {
  const home = join(path, name);
  mkdirSync(home);
  const places = { HOME: home, USERPROFILE: home, LOCALAPPDATA: home, XDG_CACHE_HOME: join(home, ".cache") };
  const { code } = await runCli(args, { cwd: path, env: places });
  return { code, left: readdirSync(home) };
}

/**
 * Where it reports, the runtime keeps a device id and unsent events in the home. (With `ORT_DISABLE_TELEMETRY=0` they
 * appear, as was seen on Linux; no test does that, for it would send them.)
 */
describe("the runtime's telemetry", () => {
  const embed = (out: string, ...flags: string[]): string[] => ["embed", "reviews.csv", "-o", out, ...flags];
  const untouched = { code: 0, left: [] };

  it("is off, with its own backbones and with those that Transformers.js tokenises for", async () => {
    expect(await leftInHome("a", embed("a.arrow"))).toEqual(untouched);
    expect(await leftInHome("b", embed("b.arrow", "--backbone", "./tiny"))).toEqual(untouched);
  });
});
