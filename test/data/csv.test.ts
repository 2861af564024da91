import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvRecords } from "../../src/data/csv-records.js";
import { openDataset } from "../../src/data/open-dataset.js";
import { allRows, contents, temporaryFolder } from "./temporary-folder.js";

const folder = temporaryFolder();

describe("a CSV file", () => {
  it("gives rows with the columns that its names tell", async () => {
    const file = folder.write("mail.csv", "id,text,label,split\na,buy now,spam,train\nb,hello,,test\n");
    const dataset = await openDataset(file);
    expect(dataset).toMatchObject({
      name: file,
      modality: "text",
      count: null,
      columns: { content: "text", label: "label", id: "id", split: "split" },
      guesses: [
        'text column: "text" (by its name)',
        'label column: "label" (by its name)',
        'id column: "id" (by its name)',
        'split column: "split" (by its name)',
      ],
    });
    const expected = [
      {
        state: "row",
        id: "a",
        content: { kind: "text", text: "buy now" },
        label: "spam",
        split: "train",
        source: "mail.csv:2",
      },
      {
        state: "row",
        id: "b",
        content: { kind: "text", text: "hello" },
        label: null,
        split: "test",
        source: "mail.csv:3",
      },
    ];
    expect(await allRows(dataset)).toEqual(expected);
    expect(await allRows(dataset)).toEqual(expected);
  });

  it("names rows by the line on which they begin, across quoted line breaks and blank lines", async () => {
    const file = folder.write("lines.csv", 'text,n\r\n"two\r\nlines",1\r\n\r\n"a\n\nb",2\nlast,3');
    const rows = await allRows(await openDataset(file));
    expect(rows.map(({ id }) => id)).toEqual(["lines.csv:2", "lines.csv:5", "lines.csv:8"]);
    expect(rows[0]).toMatchObject({ content: { text: "two\r\nlines" } });
  });

  it("rejects ragged rows and goes on", async () => {
    const file = folder.write("ragged.csv", "text,label\na,x\nb\nc,x,y,z\nd,x\n");
    expect(await contents(await openDataset(file))).toEqual([
      "a",
      "! ragged.csv, line 3: expected 2 columns, got 1",
      "! ragged.csv, line 4: expected 2 columns, got 4",
      "d",
    ]);
  });

  it("takes a quote inside an unquoted field for itself", async () => {
    const file = folder.write("inch.csv", 'text,label\na 5" disk,x\n"she said ""no""",x\n');
    expect(await contents(await openDataset(file))).toEqual(['a 5" disk', 'she said "no"']);
  });

  it("ends at a quote that is never closed, naming the line, after the rows before it", async () => {
    const file = folder.write("quote.csv", 'id,text\n1,"fine\nfine"\n2,"never closed\n3,c\n4,d\n');
    const opening = openDataset(file);
    await expect(opening).rejects.toMatchObject({
      code: "data",
      message: "quote.csv, line 4: a quote opened in this row in column 'text' is never closed",
    });
    const later = `id,text\n${Array.from({ length: 300 }, (_, i) => `${i},t\n`).join("")}x,"open\n`;
    const dataset = await openDataset(folder.write("late-quote.csv", later));
    let rows = 0;
    const reading = (async () => {
      for await (const _ of dataset.rows()) rows++;
    })();
    await expect(reading).rejects.toMatchObject({ code: "data", facts: { line: 302 } });
    expect(rows).toBe(300);
  });

  it("stops a quote that would swallow a huge file", async () => {
    const events = csvRecords(pieces(`a,b\n1,"${"x".repeat(5000)}`, 100), {
      name: "t.csv",
      delimiter: ",",
      recordLimit: 1000,
    });
    const reading = (async () => {
      for await (const _ of events);
    })();
    await expect(reading).rejects.toMatchObject({ code: "data", facts: { line: 2 } });
  });

  it("trims the names of columns and reads TSV", async () => {
    const file = folder.write("names.tsv", " text \t label\nhello, you\tx\n");
    const dataset = await openDataset(file);
    expect(dataset.columns).toMatchObject({ content: "text", label: "label" });
    expect(await contents(dataset)).toEqual(["hello, you"]);
  });

  it("gives back every table that is written with quotes, however the bytes are cut", async () => {
    const cell = fc.string({
      unit: fc.constantFrom("a", "é", "😀", '"', ",", "\n", "\r", " ", "\t", ";", "b"),
    });
    const table = fc
      .integer({ min: 2, max: 4 })
      .chain((width) =>
        fc.tuple(
          fc.constant(Array.from({ length: width }, (_, i) => `c${i}`)),
          fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 6 }),
          fc.constantFrom("\n", "\r\n", "\r"),
          fc.integer({ min: 1, max: 9 }),
        ),
      );
    await fc.assert(
      fc.asyncProperty(table, async ([header, rows, lineBreak, size]) => {
        const text = [header, ...rows].map((row) => row.map(quoted).join(",") + lineBreak).join("");
        const events = csvRecords(pieces(text, size), { name: "t.csv", delimiter: ",", recordLimit: 1e6 });
        const read: unknown[][] = [];
        for await (const event of events) {
          if (event.state === "record") read.push(header.map((column) => event.cell(column)));
          else expect(event.state).toBe("header");
        }
        expect(read).toEqual(rows);
      }),
      { numRuns: 300, seed: 3 },
    );
  });
});

/** Quotes only where it must: RFC 4180. */
function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

async function* pieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
