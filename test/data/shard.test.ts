import { describe, expect, it } from "vitest";
import type { DatasetOptions } from "../../src/data/dataset-options.js";
import { openDataset } from "../../src/data/open-dataset.js";
import { isSampled } from "../../src/data/select-rows.js";
import { isOfShard } from "../../src/data/shard.js";
import { allRows, temporaryFolder } from "./temporary-folder.js";

const folder = temporaryFolder();
const lines = Array.from({ length: 400 }, (_, i) => ({
  id: `id-${i}`,
  line: `id-${i},text number ${i},${i % 7}`,
}));
const table = (name: string, rows = lines) =>
  folder.write(name, `id,text,n\n${rows.map(({ line }) => line).join("\n")}\n`);
const csv = table("rows.csv");

const shards = async (input: string, count: number, options: DatasetOptions = {}) => {
  const all = [];
  for (let index = 1; index <= count; index++) {
    const dataset = await openDataset(input, { ...options, shard: { index, count } });
    all.push({ dataset, rows: await allRows(dataset) });
  }
  return all;
};

describe("a shard", () => {
  it("is a share of the rows: together they are all rows, each once, with its place", async () => {
    const whole = await allRows(await openDataset(csv));
    const parts = await shards(csv, 3);
    const placed = parts.flatMap(({ rows }) => rows).sort((a, b) => a.position! - b.position!);
    expect(placed.map(({ position }) => position)).toEqual(whole.map((_, i) => i));
    expect(placed.map(({ id }) => id)).toEqual(whole.map(({ id }) => id));
    for (const { rows, dataset } of parts) {
      expect(rows.length).toBeGreaterThan(100);
      expect(dataset.kept).toEqual([{ name: "headstart.position", type: "int64" }]);
      for (const row of rows) expect(row).toMatchObject({ kept: [BigInt(row.position!)] });
    }
    const wholes = parts.map(({ dataset }) => dataset.shard!.whole());
    expect(wholes[0]).toMatchObject({ rows: 400, digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(new Set(wholes.map((one) => JSON.stringify(one))).size).toBe(1);
  });

  it("depends on the id alone: not on the order, other rows, or the file", async () => {
    const some = lines.filter((_, i) => i % 3 !== 1).reverse();
    const idsOf = async (input: string) =>
      (await shards(input, 4)).map(({ rows }) => new Set(rows.map(({ id }) => id)));
    const all = await idsOf(csv);
    const fewer = await idsOf(table("fewer.csv", some));
    for (const [i, ids] of fewer.entries()) for (const id of ids) expect(all[i]).toContain(id);
    expect(isOfShard("id-0", { index: 1, count: 1 })).toBe(true);
    // Fixed for good: shards that were made elsewhere, or by an earlier version, must fit.
    const of7 = ["id-0", "id-1", "größe", ""].map((id) =>
      [1, 2, 3, 4, 5, 6, 7].find((index) => isOfShard(id, { index, count: 7 })),
    );
    expect(of7).toEqual([7, 6, 6, 5]);
  });

  it("divides a sample evenly", () => {
    const sampled = Array.from({ length: 20_000 }, (_, i) => `row ${i}`).filter((id) => isSampled(id, 0.25));
    const counts = [1, 2, 3].map(
      (index) => sampled.filter((id) => isOfShard(id, { index, count: 3 })).length,
    );
    for (const count of counts) expect(Math.abs(count / sampled.length - 1 / 3)).toBeLessThan(0.02);
  });

  it("counts what limit and where leave, rejected rows and second ids included", async () => {
    const rows = [
      ...lines.slice(0, 20),
      { id: "id-3", line: "id-3,again,1" },
      { id: "x", line: "x,,1" },
      ...lines.slice(20),
    ];
    const input = table("odd.csv", rows);
    const options = { where: ["n != 2"], limit: 60 };
    const whole = await allRows(await openDataset(input, options));
    const parts = await shards(input, 3, options);
    const placed = parts.flatMap(({ rows }) => rows).sort((a, b) => a.position! - b.position!);
    expect(placed).toHaveLength(60);
    const bare = placed.map(({ position: _, ...row }) => ({ ...row, kept: undefined }));
    expect(bare).toEqual(whole.map((row) => ({ ...row, kept: undefined })));
    expect(placed.filter(({ state }) => state === "rejected")).toHaveLength(2);
    expect(parts[0]!.dataset.shard!.whole()!.rows).toBe(60);
  });

  it("is of lines of text and of folders too", async () => {
    const text = folder.write("lines.txt", Array.from({ length: 50 }, (_, i) => `line ${i}`).join("\n"));
    const parts = await shards(text, 2);
    expect(parts.reduce((sum, { rows }) => sum + rows.length, 0)).toBe(50);
    for (let i = 0; i < 8; i++) folder.write(`photos/cat/${i}.png`, "x");
    const photos = await shards(`${folder.path}/photos`, 2);
    expect(photos.flatMap(({ rows }) => rows.map(({ position }) => position!)).sort()).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7,
    ]);
  });

  it("knows the whole only when all rows were read, and tells data sets apart", async () => {
    const dataset = await openDataset(csv, { shard: { index: 1, count: 2 } });
    for await (const _ of dataset.rows()) break;
    expect(dataset.shard!.whole()).toBeNull();
    const digest = async (input: string, options: DatasetOptions = {}) =>
      (await shards(input, 1, options))[0]!.dataset.shard!.whole()!.digest;
    const own = await digest(csv);
    expect(await digest(table("copy.csv"))).toBe(own);
    expect(await digest(table("swapped.csv", [...lines].reverse()))).not.toBe(own);
    expect(await digest(csv, { label: "n" })).not.toBe(own);
    expect(await digest(csv, { keep: ["n"] })).not.toBe(own);
    expect(await digest(csv, { limit: 399 })).not.toBe(own);
  });

  it("tells versions of a data set apart: texts, labels and kept columns of all rows, sizes of files", async () => {
    const contents = async (input: string, options: DatasetOptions = {}) => {
      const wholes = (await shards(input, 3, options)).map(({ dataset }) => dataset.shard!.whole()!);
      expect(new Set(wholes.map((one) => one.contents)).size).toBe(1);
      return wholes[0]!;
    };
    const edited = (name: string, from: RegExp, to: string) =>
      table(
        name,
        lines.map(({ id, line }, i) => ({ id, line: i === 77 ? line.replace(from, to) : line })),
      );
    const own = await contents(csv);
    expect(own.contents).toMatch(/^[0-9a-f]{64}$/);
    expect(await contents(table("same.csv"))).toEqual(own);
    const other = await contents(edited("text.csv", /,.*,/, ",another text,"));
    expect(other.digest).toBe(own.digest);
    expect(other.contents).not.toBe(own.contents);
    const number = edited("number.csv", /\d+$/, "99");
    expect((await contents(number)).contents).toBe(own.contents);
    for (const options of [{ keep: ["n"] }, { label: "n" }]) {
      expect((await contents(number, options)).contents).not.toBe((await contents(csv, options)).contents);
    }
    for (let i = 0; i < 9; i++) folder.write(`pictures/${i}.png`, "old");
    const pictures = await contents(`${folder.path}/pictures`);
    folder.write("pictures/4.png", "newer");
    expect(await contents(`${folder.path}/pictures`)).toEqual({
      ...pictures,
      contents: expect.not.stringMatching(pictures.contents) as string,
    });
  });

  it.each([
    [0, 3],
    [4, 3],
    [1.5, 3],
    [1, 0],
    [1, 70_000],
  ])("%s of %s is refused", async (index, count) => {
    await expect(openDataset(csv, { shard: { index, count } })).rejects.toMatchObject({ code: "usage" });
  });
});
