import { describe, expect, it } from "vitest";
import { parseCondition } from "../../src/data/condition.js";
import type { DatasetOptions } from "../../src/data/dataset-options.js";
import { openDataset } from "../../src/data/open-dataset.js";
import { isSampled } from "../../src/data/select-rows.js";
import { allRows, temporaryFolder } from "./temporary-folder.js";

const folder = temporaryFolder();
const csv = folder.write(
  "reviews.csv",
  `id,text,stars,lang,when,my col
a,one text,5,en,2024-01-02,x=1
b,two text,4.0,de,2023-12-31,
c,three text,,en,2024-06-01,y
d,four text,10,"it's",2024-01-01,y
e,five text,many,en,,y
`,
);
const ids = async (...where: string[]): Promise<string> =>
  (await allRows(await openDataset(csv, { where }))).map((row) => row.id).join("");

describe("where", () => {
  it.each([
    ["stars >= 5", "ad"],
    ["stars=4", "b"],
    ["stars != 5", "bde"],
    ["stars > 4.5", "ad"],
    ["stars < 1e1", "ab"],
    ["stars = '10'", "d"],
    ["lang = en", "ace"],
    ['lang == "en"', "ace"],
    ["lang != en", "bd"],
    ["lang = 'it''s'", "d"],
    ["lang ~ t'", "d"],
    ['lang ~ "t\'"', "d"],
    ["text ~ two", "b"],
    ["text ~ 'o text'", "b"],
    ["when >= 2024-01-01", "acd"],
    ["when is null", "e"],
    ["when IS NOT NULL", "abcd"],
    ["stars = ''", "c"],
    ['stars != ""', "abde"],
    ["my col = y", "cde"],
    ["\"my col\" = 'x=1'", "a"],
    ["`my col` is not null", "acde"],
  ] as const)("%s", async (condition, expected) => {
    expect(await ids(condition)).toBe(expected);
  });

  it("must hold all", async () => {
    expect(await ids("lang = en", "stars is not null", "stars != 5")).toBe("e");
  });

  it.each([
    ["stars =< 4", "< 4"],
    ["stars >> 4", "> 4"],
    ["stars 4", "its end"],
    ["stars = ", "stars ="],
    ["= 4", "= 4"],
    ["lang = 'en", "'en"],
    ["a = b and c = d", "b and c = d"],
    ["", "its end"],
    ["x is nothing", "is nothing"],
  ])("%s shows what is not understood: %s", (condition, part) => {
    expect(() => parseCondition(condition)).toThrow(
      expect.objectContaining({
        code: "usage",
        message: expect.stringContaining(part),
        hint: expect.any(String),
      }),
    );
  });

  it("lists the columns where one is unknown", async () => {
    await expect(ids("star > 1")).rejects.toMatchObject({
      code: "data",
      message: "reviews.csv has no column 'star'",
      hint: "Columns: id, text, stars, lang, when, my col",
      facts: { flag: "--where" },
    });
  });

  it("sees id, label, split and text where there are no columns", async () => {
    const lines = folder.write("lines.txt", "a b\nc d\na e\n");
    const rows = await allRows(await openDataset(lines, { where: ["text ~ a", "id != lines.txt:1"] }));
    expect(rows.map((row) => row.id)).toEqual(["lines.txt:3"]);
    await expect(openDataset(lines, { where: ["stars > 1"] })).rejects.toMatchObject({ code: "data" });
    for (const name of ["cat/1.png", "dog/1.png", "dog/2.png"]) folder.write(`pets/${name}`, "x");
    const dogs = await openDataset(`${folder.path}/pets`, { where: ["label = dog"] });
    expect(dogs.count).toBeNull();
    expect((await allRows(dogs)).map((row) => row.id)).toEqual(["dog/1.png", "dog/2.png"]);
  });
});

describe("limit and sample", () => {
  const many = folder.write(
    "many.csv",
    `id,text\n${Array.from({ length: 5000 }, (_, i) => `row-${i},text ${i}\n`).join("")}`,
  );
  const read = async (options: DatasetOptions): Promise<string[]> =>
    (await allRows(await openDataset(many, options))).map((row) => row.id);

  it("limit takes the first that meet where", async () => {
    expect(await read({ limit: 3 })).toEqual(["row-0", "row-1", "row-2"]);
    expect(await read({ limit: 2, where: ["text ~ 99"] })).toEqual(["row-99", "row-199"]);
    expect(await read({ limit: 9999 })).toHaveLength(5000);
  });

  it("sample takes a share, the same at each run, in order, the smaller within the larger", async () => {
    const tenth = await read({ sample: 0.1 });
    expect(await read({ sample: 0.1 })).toEqual(tenth);
    expect(tenth.length).toBeGreaterThan(420);
    expect(tenth.length).toBeLessThan(580);
    const fifth = await read({ sample: 0.2 });
    expect(fifth.filter((id) => tenth.includes(id))).toEqual(tenth);
    expect(await read({ sample: 0.1, limit: 5 })).toEqual(tenth.slice(0, 5));
  });

  it("is the same on every machine: SHA-256 of the id against the share", () => {
    // python -c "import hashlib; print([int(hashlib.sha256(s.encode()).hexdigest()[:8], 16) / 2**32 for s in ('a', 'ü')])"
    expect([isSampled("a", 0.7914), isSampled("a", 0.7913)]).toEqual([true, false]);
    expect([isSampled("ü", 0.3768), isSampled("ü", 0.3767)]).toEqual([true, false]);
  });

  it("belongs to what a data set is", async () => {
    const identity = async (options: DatasetOptions) => (await openDataset(many, options)).identity;
    const all = [
      {},
      { limit: 3 },
      { limit: 4 },
      { sample: 0.5 },
      { where: ["text ~ 9"] },
      { where: ["text ~ 8"] },
    ];
    const identities = await Promise.all(all.map(identity));
    expect(new Set(identities).size).toBe(all.length);
    expect(await identity({ limit: 3 })).toBe(identities[1]);
  });

  it("is refused where it makes no sense", async () => {
    for (const options of [
      { limit: 0 },
      { limit: 1.5 },
      { sample: 0 },
      { sample: 1 },
      { sample: Number.NaN },
    ]) {
      await expect(openDataset(many, options)).rejects.toMatchObject({ code: "usage" });
    }
  });
});
