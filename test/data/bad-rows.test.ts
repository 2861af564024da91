import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { openDataset } from "../../src/data/open-dataset.js";
import { allRows, contents, temporaryFolder } from "./temporary-folder.js";

const folder = temporaryFolder();

describe("a bad row", () => {
  it("is one without text", async () => {
    const file = folder.write("empty.csv", 'text,label\n,x\n"  \n ",x\nfine,x\n');
    expect(await contents(await openDataset(file))).toEqual(["! empty text", "! empty text", "fine"]);
  });

  it("is the later of two with one id", async () => {
    const file = folder.write("twice.csv", "id,text\na,one\nb,two\na,three\n,four\n");
    const rows = await allRows(await openDataset(file));
    expect(rows.slice(2)).toEqual([
      {
        state: "rejected",
        id: "a",
        source: "twice.csv:4",
        reason: "id 'a' is already that of line 2; ids must be unique",
      },
      { state: "rejected", id: "twice.csv:5", source: "twice.csv:5", reason: "empty id in column 'id'" },
    ]);
    expect(rows.slice(0, 2).map(({ state }) => state)).toEqual(["row", "row"]);
  });

  it("is one with more text than the limit; a megabyte is fine", async () => {
    const file = folder.write(
      "long.csv",
      `text,label\n${"a".repeat(2 ** 20)},x\n${"b".repeat(10_000_001)},y\nc,z\n`,
    );
    const [megabyte, tooLong, last] = await allRows(await openDataset(file));
    expect(megabyte).toMatchObject({ state: "row" });
    expect(tooLong).toMatchObject({ reason: "text of 10000001 characters; at most 10000000 are read" });
    expect(last).toMatchObject({ content: { text: "c" } });
    const lines = folder.write("long.txt", "123456\n12345\n");
    expect(await contents(await openDataset(lines, { maxTextLength: 5 }))).toEqual([
      "! text of 6 characters; at most 5 are read",
      "12345",
    ]);
  });

  it("is a line that is no JSON object, or whose value is no text", async () => {
    const lines = [
      '{"id":1,"text":"a","label":true}',
      "",
      "{oops",
      "[1]",
      '{"id":2,"text":["b"]}',
      '{"id":1.5,"text":"c"}',
      '{"id":4}',
    ];
    const dataset = await openDataset(folder.write("mixed.jsonl", lines.join("\r\n")));
    const rows = await allRows(dataset);
    expect(rows[0]).toMatchObject({ id: "1", label: "true", source: "mixed.jsonl:1" });
    expect(rows.map((row) => (row.state === "row" ? row.id : row.reason))).toEqual([
      "1",
      expect.stringContaining("mixed.jsonl, line 3: not valid JSON"),
      "mixed.jsonl, line 4: not a JSON object",
      "column 'text' holds a list, not text",
      "1.5",
      "empty text",
    ]);
  });

  it("is one that names an image outside the folder, or none", async () => {
    folder.write("outside.jpg", "x");
    const image = folder.write("set/in/a.jpg", "x");
    symlinkSync(join(folder.path, "outside.jpg"), join(folder.path, "set", "in", "link.jpg"));
    symlinkSync(image, join(folder.path, "set", "inner.jpg"));
    const names = [
      "in/a.jpg",
      "in\\a.jpg",
      "inner.jpg",
      "../outside.jpg",
      "in/../../outside.jpg",
      join(folder.path, "outside.jpg"),
      "in/link.jpg",
      "in",
      "gone.jpg",
      "https://example.org/a.jpg",
      "",
    ];
    const file = folder.write("set/list.csv", `image,label\n${names.map((name) => `${name},x\n`).join("")}`);
    const dataset = await openDataset(file, { image: "image" });
    const [one, two, three, ...bad] = await contents(dataset);
    expect([one, two, three].every((path) => path!.endsWith(join("set", "in", "a.jpg")))).toBe(true);
    expect(bad).toEqual([
      "! '../outside.jpg' lies outside the data set's folder; put the table in a folder above the pictures",
      "! 'in/../../outside.jpg' lies outside the data set's folder; put the table in a folder above the pictures",
      `! '${join(folder.path, "outside.jpg")}' lies outside the data set's folder; put the table in a folder above the pictures`,
      "! 'in/link.jpg' is a link to outside the data set's folder",
      "! 'in' is not a file",
      "! no such file: 'gone.jpg'",
      "! 'https://example.org/a.jpg' is an address; addresses are fetched only with --fetch",
      "! empty path of an image",
    ]);
  });
});

describe("a bad file", () => {
  it("is an empty one, or one with only a header", async () => {
    for (const name of ["none.csv", "none.tsv", "none.jsonl", "none.txt"]) {
      await expect(openDataset(folder.write(name, ""))).rejects.toMatchObject({
        code: "data",
        message: `${name} has no rows`,
      });
    }
    await expect(openDataset(folder.write("header.csv", "id,text\n\n"))).rejects.toMatchObject({
      code: "data",
      message: "header.csv has no rows",
      hint: "There is only a header: id, text",
    });
  });

  it("is a stream with another delimiter than its format's: it cannot be read anew to try that one", async () => {
    const piped = (text: string) => openDataset("-", { format: "csv", stdin: Readable.from([text]) });
    await expect(piped("id;text\n1;a b\n")).rejects.toMatchObject({
      code: "data",
      message: "stdin is separated by ';', not as csv",
    });
    await expect(piped("id\ttext\n1\ta b\n")).rejects.toMatchObject({ hint: "Add --format tsv." });
  });

  it("is one of no known format, missing, or without any JSON", async () => {
    await expect(openDataset(join(folder.path, "gone.csv"))).rejects.toMatchObject({ code: "data" });
    await expect(openDataset(folder.write("table.xlsx", "x"))).rejects.toMatchObject({
      code: "data",
      hint: expect.stringContaining("as CSV") as string,
    });
    await expect(openDataset(folder.write("table.dat", "x"))).rejects.toMatchObject({
      code: "data",
      hint: expect.stringContaining(".jsonl"),
    });
    await expect(openDataset(folder.write("prose.jsonl", "dear all\n"))).rejects.toMatchObject({
      code: "data",
      message: expect.stringContaining("prose.jsonl has no readable rows"),
    });
    const text = folder.write("prose.txt", "dear all\n");
    await expect(openDataset(text, { label: "x" })).rejects.toMatchObject({ code: "usage" });
    await expect(openDataset(text, { modality: "image" })).rejects.toMatchObject({ code: "data" });
  });
});
