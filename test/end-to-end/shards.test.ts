import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import * as headstart from "../../src/index.js";
import { REVIEWS } from "./reviews.js";
import { workplace } from "./run-cli.js";

const { path, write, json, run, refused } = workplace();
const at = (name: string): string => join(path, name);
const shards = ["x.1.arrow", "x.2.arrow", "x.3.arrow"];

beforeAll(async () => {
  const rows = REVIEWS.map(
    ({ id, review, label }, i) => `${id},"${i === 33 ? "" : review}",${label},w${i % 6}`,
  );
  write("reviews.csv", `id,review,label,writer\n${rows.join("\n")}\n`);
  const runs = shards.map((out, i) =>
    run(["embed", "reviews.csv", "-o", out, "--keep", "writer", "--shard", `${i + 1}/3`]),
  );
  const done = await Promise.all(runs);
  expect(done.map(({ code }) => code).sort()).toEqual([0, 0, 3]);
  expect(done[0]!.stdout).toContain("next: headstart merge <all 3 shards> -o <file.arrow>");
  expect(done[0]!.stdout).toMatch(/shard +1 of 3\n/);
}, 60_000);

describe.concurrent("shards", () => {
  it("of three processes are merged to what one run writes", async () => {
    const made = await json<headstart.MergeResult>(["merge", ...[...shards].reverse(), "-o", "m.arrow"], 3);
    expect(made).toMatchObject({
      rows: 59,
      rejects: 1,
      rejectsFile: "m.arrow.rejects.jsonl",
      files: 3,
      sharded: true,
    });
    await headstart.embed({ input: at("reviews.csv"), out: at("one.arrow"), keep: ["writer"] });
    const [{ X, meta, ...values }, one] = (await Promise.all(
      ["m.arrow", "one.arrow"].map((name) => headstart.readEmbeddings(at(name))),
    )) as [headstart.Embeddings, headstart.Embeddings];
    const { X: oneX, meta: oneMeta, ...oneValues } = one;
    expect(values).toEqual(oneValues);
    expect({ ...meta, dataset: "", created: "" }).toEqual({ ...oneMeta, dataset: "", created: "" });
    const largest = X.data.reduce((most, value, i) => Math.max(most, Math.abs(value - oneX.data[i]!)), 0);
    // Other batches round otherwise.
    expect(largest).toBeLessThan(1e-6);
  });

  it("say what they are", async () => {
    const { stdout } = await run(["inspect", "x.2.arrow"]);
    expect(stdout).toMatch(/shard +2 of 3, of 60 input rows\n/);
    expect(stdout).toMatch(/kept +writer\n/);
  });

  it("are refused where one is missing, there twice, unfinished, or of another backbone", async () => {
    const to = ["-o", "refused.arrow"];
    await refused(
      ["merge", shards[0]!, shards[2]!, ...to],
      1,
      /Of 3 shards, one is missing: 2/,
      /--shard 2\/3/,
    );
    await copyFile(at("x.1.arrow"), at("again.arrow"));
    await refused(
      ["merge", ...shards, "again.arrow", ...to],
      1,
      /x.1.arrow and again.arrow are both shard 1 of 3/,
      /once/,
    );
    await refused(["merge", ...shards, "x.1.arrow", ...to], 2, /x.1.arrow is given twice/, /once/);
    await copyFile(at("x.2.arrow"), at("part.2.arrow"));
    write("part.2.arrow.part.json", "{}");
    await refused(
      ["merge", "x.1.arrow", "part.2.arrow", "x.3.arrow", ...to],
      1,
      /part.2.arrow is not finished: its run has left part.2.arrow.part/,
      /same embed command again/,
    );
    const other = { input: at("reviews.csv"), keep: ["writer"], shard: { index: 2, count: 3 } };
    await headstart.embed({ ...other, out: at("other.2.arrow"), maxTokens: 64 });
    await refused(
      ["merge", "x.1.arrow", "other.2.arrow", "x.3.arrow", ...to],
      1,
      /other.2.arrow and x.1.arrow cannot be one file: their fingerprints differ/,
      /embed both alike/,
    );
    await refused(["merge", ...shards, "-o", "x.1.arrow"], 2, /x.1.arrow is the input/, /another name/);
    await refused(["embed", "reviews.csv", "--shard", "3", ...to], 2, /--shard/, /i\/n|1\/3/);
    await refused(
      ["embed", "reviews.csv", "--shard", "4/3", ...to],
      2,
      /no shard 4 of 3/,
      /1\/3, 2\/3 and 3\/3/,
    );
  });
});

describe("other files", () => {
  it("are merged one after the other, and can be trained on", async () => {
    const half = { input: at("reviews.csv") };
    await headstart.embed({ ...half, out: at("good.arrow"), where: ["label = good"] });
    await headstart.embed({ ...half, out: at("bad.arrow"), where: ["label = bad"] });
    const { stdout, code } = await run(["merge", "good.arrow", "bad.arrow", "-o", "both.arrow"]);
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/files +2, one after the other/),
    });
    const { classes } = await headstart.train({ embeddings: at("both.arrow"), cv: 0 });
    expect(classes).toEqual([
      { name: "bad", rows: 30 },
      { name: "good", rows: 29 },
    ]);
    await refused(
      ["merge", "good.arrow", "both.arrow", "-o", "x.arrow"],
      1,
      /of both.arrow is in good.arrow too/,
      /--on-duplicate first/,
    );
    const made = await json<headstart.MergeResult>([
      ...["merge", "good.arrow", "both.arrow", "-o", "again2.arrow", "--on-duplicate", "first"],
    ]);
    expect(made).toMatchObject({ rows: 59, duplicates: 29 });
  });
});
