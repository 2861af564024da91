import { execFileSync } from "node:child_process";
import { appendFileSync, createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { streamSource } from "../../src/data/byte-source.js";
import { openDataset } from "../../src/data/open-dataset.js";
import { seenIds } from "../../src/data/seen-ids.js";
import { sniffJson } from "../../src/data/sniff-json.js";
import { allRows, contents, temporaryFolder } from "./temporary-folder.js";

const folder = temporaryFolder();
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes in use after a collection, buffers included. */
function memory(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe("stdin", () => {
  it("is lines of text, once", async () => {
    const dataset = await openDataset("-", { stdin: Readable.from(["one\ntw", "o\r\n\n", "three"]) });
    expect(dataset).toMatchObject({ name: "-", modality: "text", identity: null, count: null });
    expect(await contents(dataset)).toEqual(["one", "two", "! empty text", "three"]);
    await expect(contents(dataset)).rejects.toMatchObject({
      code: "data",
      message: "stdin can be read only once",
    });
  });

  it("is a table where the format says so, whole beyond the sample", async () => {
    const csv = `text,label\n${Array.from({ length: 500 }, (_, i) => `text ${i},${i % 2}\n`).join("")}`;
    const dataset = await openDataset("-", { stdin: Readable.from([Buffer.from(csv)]), format: "csv" });
    const rows = await allRows(dataset);
    expect(rows).toHaveLength(500);
    expect(rows[499]).toMatchObject({ id: "stdin:501", label: "1", content: { text: "text 499" } });
    await expect(contents(dataset)).rejects.toMatchObject({ code: "data" });
    const jsonl = Readable.from(['{"text":"a"}\n{"text":"b"}']);
    expect(await contents(await openDataset("-", { stdin: jsonl, format: "jsonl" }))).toEqual(["a", "b"]);
  });

  const opened = (...pieces: string[]) => openDataset("-", { stdin: Readable.from(pieces), id: "" });

  it.each([
    ["jsonl", ['{"text":"a b","n":1}\n{"text":"c d","n":2}\n']],
    ["jsonl", ["\uFEFF\n  \n", '{"text":', '"a b"}\r\n{"te', 'xt":"c d"}']],
    ["json", ['[{"text":"a b"},{"text":"c d"}]']],
    ["json", ["\n[\n", '  {"text": "a b"},\n  {"text": "c d"}\n]\n']],
    ["json", ['{\n  "total": 2,\n  "rows": [\n{"text":"a b"},{"text":"c d"}]}']],
    ["json", ['{"total":2,"rows":[{"text":"a b"},{"text":"c d"}]}\n']],
  ])("is %s where it begins so, which is said", async (format, pieces) => {
    const dataset = await opened(...pieces);
    expect(dataset.guesses[0]).toMatch(new RegExp(`^format: ${format} \\(`));
    expect(await contents(dataset)).toEqual(["a b", "c d"]);
  });

  it("keeps a damaged first JSON line for the rejects", async () => {
    const rows = await contents(await opened('{"text":"a b"\n{"text":"c d"}\n'));
    expect(rows).toEqual([expect.stringContaining("line 1: not valid JSON"), "c d"]);
  });

  it.each([
    "[Verse 1] some words",
    "{curly} words",
    "{}brackets",
    "[1] a footnote",
    "[\nwords",
    "text,label\na b,x",
    '"quoted"',
  ])("is plain text where it only looks a little like JSON: %j", async (text) => {
    const dataset = await opened(`${text}\nmore`);
    expect(dataset.guesses.join()).not.toContain("format");
    expect(await contents(dataset)).toEqual([...text.split("\n"), "more"]);
  });

  it("is known to be plain text before its first line has ended", async () => {
    const stdin = new Readable({ read() {} });
    stdin.push("some words");
    const sniffed = sniffJson(streamSource(stdin, "stdin"));
    expect(await Promise.race([sniffed, setTimeout(2000, "late")])).toMatchObject({ format: null });
    stdin.destroy();
  });

  it("is an error where it is empty, or should hold images", async () => {
    await expect(openDataset("-", { stdin: Readable.from([]) })).rejects.toMatchObject({
      message: "stdin has no rows",
    });
    await expect(openDataset("-", { stdin: Readable.from([]), format: "images" })).rejects.toMatchObject({
      code: "usage",
    });
  });
});

describe("a large file", () => {
  const line = (i: number): string => `${i},"${"some words, quoted ".repeat(10)}",x\n`;

  it.each(["csv", "jsonl", "txt"])("is never in memory (%s, 30 MB)", async (extension) => {
    const file = folder.write(`large.${extension}`, extension === "csv" ? "id,text,label\n" : "");
    const written = (i: number): string =>
      extension === "jsonl" ? `${JSON.stringify({ id: i, text: line(i) })}\n` : line(i);
    for (let block = 0; block < 150; block++) {
      appendFileSync(file, Array.from({ length: 1000 }, (_, i) => written(block * 1000 + i)).join(""));
    }
    const dataset = await openDataset(file);
    const before = memory();
    let rows = 0;
    let most = 0;
    for await (const row of dataset.rows()) {
      if (row.state === "row") rows++;
      if (rows % 30_000 === 1) most = Math.max(most, memory() - before);
    }
    expect(rows).toBe(150_000);
    expect(most).toBeLessThan(12e6);
  });

  it("gives rows before its end is read, and is closed when its reader stops", async () => {
    const file = folder.write("early.csv", `text,label\n${line(0).repeat(20_000)}`);
    const stdin = createReadStream(file);
    const dataset = await openDataset("-", { stdin, format: "csv", text: "text", label: "" }).catch(
      () => null,
    );
    expect(dataset).not.toBeNull();
    for await (const row of dataset!.rows()) {
      expect(row.source).toBe("stdin:2");
      break;
    }
    expect(stdin.bytesRead).toBeLessThan(1e6);
    expect(stdin.destroyed).toBe(true);
  });
});

describe("a stream", () => {
  it("is let go of when its columns are wrong", async () => {
    const stdin = createReadStream(folder.write("wrong.csv", `a,b\n${"1,2\n".repeat(100_000)}`));
    await expect(openDataset("-", { stdin, format: "csv", text: "text" })).rejects.toMatchObject({
      code: "data",
    });
    expect(stdin.destroyed).toBe(true);
  });

  it.skipIf(process.platform === "win32")(
    "may be a named pipe (skipped on Windows: it has none)",
    async () => {
      const pipe = join(folder.path, "pipe.csv");
      execFileSync("mkfifo", [pipe]);
      const written = writeFile(pipe, "text,label\none,x\ntwo,y\n");
      const dataset = await openDataset(pipe);
      expect(dataset.identity).toBeNull();
      expect(await contents(dataset)).toEqual(["one", "two"]);
      await written;
    },
  );
});

describe("seen ids", () => {
  it("tell the first line of each of many ids", () => {
    const seen = seenIds();
    let fresh = 0;
    for (let i = 1; i <= 300_000; i++) if (seen.firstLine(`row-${i}`, i) === null) fresh++;
    expect(fresh).toBe(300_000);
    let found = 0;
    for (let i = 1; i <= 300_000; i++) if (seen.firstLine(`row-${i}`, 0) === i) found++;
    expect(found).toBe(300_000);
    expect(seen.firstLine("row-0", 7)).toBeNull();
  });
});
