import { describe, expect, it } from "vitest";
import { openDataset } from "../../src/data/open-dataset.js";
import { utf8Bytes } from "../../src/data/utf8-bytes.js";
import { contents, temporaryFolder } from "./temporary-folder.js";

const folder = temporaryFolder();

describe("the encoding of a text file", () => {
  it("loses its byte order mark", async () => {
    const csv = await openDataset(folder.write("bom.csv", "\uFEFFtext,label\nhé,x\n"));
    expect(csv.columns.content).toBe("text");
    expect(await contents(csv)).toEqual(["hé"]);
    expect(await contents(await openDataset(folder.write("bom.txt", "\uFEFFone\n")))).toEqual(["one"]);
  });

  it("is latin1 only where that is said; else the error names line, byte and remedy", async () => {
    const file = folder.write("latin.csv", Buffer.from("text,label\nplain,x\ncaf\xe9 \x80,y\n", "latin1"));
    await expect(openDataset(file)).rejects.toMatchObject({
      code: "data",
      message: "latin.csv, line 3, byte 4: not valid UTF-8",
      facts: { line: 3, byte: 4 },
      hint: expect.stringContaining("--encoding latin1"),
    });
    expect(await contents(await openDataset(file, { encoding: "latin1" }))).toEqual(["plain", "café €"]);
  });

  it("is found wrong far into a file too, after the rows before it", async () => {
    const good = Array.from({ length: 50_000 }, (_, i) => `line number ${i}\n`).join("");
    const file = folder.write(
      "late.txt",
      Buffer.concat([Buffer.from(good), Buffer.from([0x61, 0xff, 0x0a])]),
    );
    const dataset = await openDataset(file);
    let rows = 0;
    const reading = (async () => {
      for await (const _ of dataset.rows()) rows++;
    })();
    await expect(reading).rejects.toMatchObject({ code: "data", facts: { line: 50_001, byte: 2 } });
    expect(rows).toBeGreaterThan(40_000);
  });

  it("is refused where it is UTF-16 or not text at all", async () => {
    const utf16 = folder.write(
      "wide.csv",
      Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("text\na\n", "utf16le")]),
    );
    await expect(openDataset(utf16)).rejects.toMatchObject({
      code: "data",
      message: expect.stringContaining("UTF-16"),
    });
    const binary = folder.write("binary.txt", new Uint8Array([97, 10, 98, 0, 99]));
    await expect(openDataset(binary)).rejects.toMatchObject({
      code: "data",
      message: "binary.txt, line 2, byte 2: a NUL byte, so this is no text",
    });
  });

  it("survives any cut between bytes", async () => {
    const text = "\uFEFFa é 😀 ü\n漢字";
    const bytes = Buffer.from(text);
    for (let size = 1; size < bytes.length; size++) {
      const pieces = (async function* () {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
      })();
      const read = [];
      for await (const piece of utf8Bytes(pieces, "t")) read.push(piece.toString());
      expect(read.join("")).toBe(text.slice(1));
    }
  });

  it("is wrong where the last character is cut off", async () => {
    const file = folder.write("cut.txt", Buffer.from("ab\n😀").subarray(0, 6));
    await expect(openDataset(file).then(contents)).rejects.toMatchObject({ facts: { line: 2, byte: 1 } });
  });
});
