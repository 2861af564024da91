import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.js";
import { embed } from "../../src/pipeline/embed.js";

const built = existsSync(join(packageRoot(), "models/use-lite/onnx/model.onnx"));

describe.skipIf(!built)("embed with a profile (skipped: npm run models has not been run)", () => {
  let folder: string;
  let input: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "headstart-profile-"));
    input = join(folder, "texts.csv");
    const lines = Array.from({ length: 100 }, (_, i) => `text number ${i % 60}`);
    await writeFile(input, `text\n${lines.join("\n")}\n`);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("writes where the time went beside the vectors", async () => {
    const out = join(folder, "x.arrow");
    const result = await embed({
      input,
      out,
      profile: true,
      cache: false,
      batchTokens: 64,
      threads: 1,
      sessions: 2,
    });
    expect(result).toMatchObject({
      profile: `${out}.profile.json`,
      encoding: { contents: 60, duplicates: 40, unit: "tokens", batchBudget: 64, threads: 1, sessions: 2 },
    });
    const { backbone, device, rows, rowsPerSecond, seconds, stages, encoding } = result;
    expect(JSON.parse(await readFile(`${out}.profile.json`, "utf8"))).toEqual({
      out,
      backbone,
      device,
      rows,
      rowsPerSecond,
      seconds,
      stages,
      encoding,
    });
  });

  it("or where it is told to, but not over what it reads", async () => {
    const [out, profile] = [join(folder, "y.arrow"), join(folder, "where.json")];
    expect(await embed({ input, out, profile, threads: 1, cache: false })).toMatchObject({ profile });
    expect(JSON.parse(await readFile(profile, "utf8"))).toMatchObject({ out, rows: 100 });
    await expect(embed({ input, out, profile: input })).rejects.toMatchObject({ code: "usage" });
    expect(await embed({ input, out, threads: 1, cache: false })).toMatchObject({ profile: null });
  });
});
