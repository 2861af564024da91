import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { openDataset } from "../../src/data/open-dataset.js";
import { allRows, contents, temporaryFolder } from "./temporary-folder.js";

const folder = temporaryFolder();
const zst = readFileSync(join(import.meta.dirname, "../golden/data/fixtures/pyarrow.jsonl.zst"));
const csv = "text,label\none two,a\nthree four,b\n";

describe("a packed file", () => {
  it("is read whatever it holds, and again", async () => {
    for (const [name, content, options] of [
      ["a.csv.gz", csv, {}],
      ["a.tsv.gz", csv.replaceAll(",", "\t"), {}],
      ["a.jsonl.gz", '{"text":"one two"}\n{"text":"three four"}\n', {}],
      ["a.json.gz", '[{"text":"one two"},{"text":"three four"}]', {}],
      ["a.txt.gz", "one two\nthree four\n", {}],
      ["semicolons.csv.gz", csv.replaceAll(",", ";"), {}],
      ["a.gz", csv, { format: "csv" as const }],
      // The name says nothing of it, the bytes do.
      ["really-packed.csv", csv, {}],
    ] as const) {
      const dataset = await openDataset(folder.write(name, gzipSync(content)), options);
      expect(await contents(dataset)).toEqual(["one two", "three four"]);
      expect(await contents(dataset)).toEqual(["one two", "three four"]);
      expect(dataset.identity).not.toBeNull();
      expect(dataset.shareRead()).toBe(1);
    }
  });

  it("may be several gzip members, one after the other", async () => {
    const file = folder.write("members.csv.gz", Buffer.concat([gzipSync("text\na b\n"), gzipSync("c d\n")]));
    expect(await contents(await openDataset(file))).toEqual(["a b", "c d"]);
  });

  it("is known by its bytes on stdin", async () => {
    const packed = await openDataset("-", { stdin: Readable.from([gzipSync(csv)]), format: "csv" });
    expect(await contents(packed)).toEqual(["one two", "three four"]);
    const pieces = Array.from({ length: zst.length }, (_, i) => zst.subarray(i, i + 1));
    const rows = await allRows(await openDataset("-", { stdin: Readable.from(pieces), format: "jsonl" }));
    expect(rows).toHaveLength(3000);
  });

  it("that is cut short or damaged says so", async () => {
    const gz = gzipSync(csv.repeat(1000));
    const damaged = Buffer.from(gz);
    damaged.fill(0xaa, 20, 40);
    for (const [name, bytes] of [
      ["cut.csv.gz", gz.subarray(0, gz.length - 9)],
      ["damaged.csv.gz", damaged],
      ["cut.jsonl.zst", zst.subarray(0, zst.length - 100)],
      ["damaged.jsonl.zst", Buffer.concat([zst.subarray(0, 30), Buffer.alloc(100, 7), zst.subarray(130)])],
    ] as const) {
      await expect(openDataset(folder.write(name, bytes)).then(allRows)).rejects.toMatchObject({
        code: "data",
        message: expect.stringMatching(/cannot be unpacked: its (gzip|zstd) data are damaged or cut short/),
      });
    }
  });

  it("that is no text table is refused with a remedy", async () => {
    for (const name of ["a.parquet.gz", "a.sqlite.zst", "a.arrow.gz"]) {
      await expect(openDataset(folder.write(name, gzipSync("x")))).rejects.toMatchObject({
        code: "data",
        hint: expect.stringContaining("Unpack it first"),
      });
    }
    await expect(openDataset(folder.write("a.tar.gz", gzipSync("x")))).rejects.toMatchObject({
      code: "data",
    });
    await expect(openDataset(folder.write("b.gz", gzipSync("x")))).rejects.toMatchObject({
      hint: expect.stringContaining("--format"),
    });
  });
});

/** A Zstandard frame of `blocks` blocks that each repeat one byte 128 KiB times. */
function zstdBomb(blocks: number): Buffer {
  const frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58];
  const header = (last: boolean) => ((131_072 << 3) | (1 << 1) | Number(last)) >>> 0;
  for (let i = 0; i < blocks; i++) {
    const word = header(i === blocks - 1);
    frame.push(word & 255, (word >> 8) & 255, (word >> 16) & 255, 0x20);
  }
  return Buffer.from(frame);
}

describe("a bomb", () => {
  it.each([
    ["gzip", () => gzipSync(Buffer.alloc(100 * 2 ** 20, " "), { level: 9 }), "bomb.txt.gz"],
    ["Zstandard", () => zstdBomb(20_000), "bomb.txt.zst"],
  ])("of %s is found in time", async (_what, make, name) => {
    const file = folder.write(name, make());
    const before = process.memoryUsage.rss();
    await expect(openDataset(file).then(allRows)).rejects.toMatchObject({
      code: "data",
      message: expect.stringContaining("unpacks to more than 250 times its size"),
      hint: expect.stringContaining("zip bomb"),
    });
    expect(process.memoryUsage.rss() - before).toBeLessThan(400e6);
  });

  it("of a window is refused", async () => {
    const frame = Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8]), Buffer.alloc(40)]);
    await expect(openDataset(folder.write("window.txt.zst", frame))).rejects.toMatchObject({
      code: "data",
      message: expect.stringContaining("need a window of 2147483648 bytes"),
    });
  });
});
