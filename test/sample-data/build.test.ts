import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildSampleData, describeSet } from "../../data/build.js";
import type { SetReport } from "../../data/materialise.js";
import { countBy, readRows } from "./read-rows.js";

const limit = 160;
let into: string;
let reports: SetReport[];

beforeAll(async () => {
  into = await mkdtemp(join(tmpdir(), "sample-data-"));
  reports = await buildSampleData({ into, limit });
});

afterAll(() => rm(into, { recursive: true }));

describe("building the sample data", () => {
  it("makes each set and says what is in it", () => {
    expect(reports.map(({ name, state }) => [name, state])).toEqual([
      ["sentiment", "built"],
      ["spam", "built"],
      ["emoji", "built"],
    ]);
    for (const report of reports) {
      const rows = Object.values(report.counts).flatMap((splits) => Object.values(splits));
      const left = Object.values(report.leftOut);
      expect([...rows, ...left].reduce((sum, n) => sum + n)).toBe(limit);
      expect(describeSet(report)).toMatch(new RegExp(`^data/${report.name}: \\d+ train, \\d+ test; `));
    }
  });

  it("writes the rows that it counts, with unique ids", () => {
    const of = (name: string) => reports.find((report) => report.name === name)!;
    for (const [name, file] of [
      ["sentiment", "words.csv"],
      ["spam", "mail.csv"],
    ]) {
      const rows = readRows(join(of(name).folder, file));
      expect(countBy(rows)).toEqual(of(name).counts);
      expect(new Set(rows.map((row) => row.id)).size).toBe(rows.length);
      expect(rows.every((row) => row.text.trim() !== "")).toBe(true);
    }
  });

  it("samples mail from what it wrote", () => {
    const folder = join(into, "spam/built");
    const all = readRows(join(folder, "mail.csv")).map((row) => JSON.stringify(row));
    const sample = readRows(join(folder, "mail-sample.csv")).map((row) => JSON.stringify(row));
    expect(sample.length).toBeGreaterThan(0);
    expect(sample.length).toBeLessThan(all.length / 3);
    expect(sample.filter((row) => !all.includes(row))).toEqual([]);
  });

  it("draws 128-pixel pictures of the same names for both artists", async () => {
    const [noto, twemoji] = await Promise.all(["noto", "twemoji"].map(picturesOf));
    expect(noto).toHaveLength(limit);
    expect(twemoji).toEqual(noto);
    for (const artist of ["noto", "twemoji"]) {
      const file = sharp(join(into, "emoji/built", artist, noto[0]));
      const { width, height, hasAlpha } = await file.metadata();
      expect({ width, height, hasAlpha }).toEqual({ width: 128, height: 128, hasAlpha: false });
      const { channels } = await file.stats();
      expect(channels.some(({ stdev }) => stdev > 5)).toBe(true);
    }
  });

  it("does nothing the second time", async () => {
    const stamp = join(into, "spam/built/stamp.json");
    const before = await stat(stamp);
    const again = await buildSampleData({ into, limit });
    expect(again.map((report) => report.state)).toEqual(["unchanged", "unchanged", "unchanged"]);
    expect(again.map((report) => report.counts)).toEqual(reports.map((report) => report.counts));
    expect((await stat(stamp)).mtimeMs).toBe(before.mtimeMs);
  });

  it("builds again, to the same bytes, when the stamp is of another recipe", async () => {
    const folder = join(into, "sentiment/built");
    const first = await readFile(join(folder, "words.csv"));
    await writeFile(
      join(folder, "stamp.json"),
      JSON.stringify({ made: "otherwise", counts: {}, leftOut: {} }),
    );
    const [report] = await buildSampleData({ into, limit, sets: ["sentiment"] });
    expect(report.state).toBe("built");
    expect(await readFile(join(folder, "words.csv"))).toEqual(first);
    expect((await readdir(join(into, "sentiment"))).sort()).toEqual(["built"]);
  });

  it("names the sets that exist when asked for another", async () => {
    await expect(buildSampleData({ into, sets: ["weather"] })).rejects.toMatchObject({
      code: "usage",
      hint: "Sets: sentiment, spam, emoji",
    });
  });
});

async function picturesOf(artist: string): Promise<string[]> {
  const names = await readdir(join(into, "emoji/built", artist), { recursive: true });
  return names.filter((name) => name.endsWith(".png")).sort();
}
