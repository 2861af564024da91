import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Field,
  FixedSizeList,
  Float16,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  tableFromIPC,
  tableToIPC,
} from "apache-arrow";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { float16ToFloat32 } from "../../src/embeddings/file/float16.js";
import { embedDataset, readEmbeddings, streamEmbeddings } from "../../src/embeddings/index.js";
import { datasetOf, textRows, tinyTextBackbone } from "./tiny-backbone.js";

let folder: string;
let small: string;
let large: string;
let bytes: Buffer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "headstart-read-"));
  small = join(folder, "small.arrow");
  large = join(folder, "large.arrow");
  await embedDataset({ dataset: datasetOf(textRows(60)), backbone: tinyTextBackbone(), out: small });
  await embedDataset({
    dataset: datasetOf(textRows(5000)),
    backbone: tinyTextBackbone({ dim: 4 }),
    out: large,
  });
  bytes = await readFile(large);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function written(name: string, content: Uint8Array | string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function expectFormatError(path: string, problem: RegExp): Promise<void> {
  const error = await readEmbeddings(path).catch((thrown) => thrown);
  expect(error).toMatchObject({ code: "format", facts: { path } });
  expect(error.message).toMatch(problem);
  expect(error.message).toContain(path);
}

describe("streamEmbeddings", () => {
  it("gives the rows of readEmbeddings, a batch at a time", async () => {
    const whole = await readEmbeddings(large);
    const rows: number[] = [];
    for await (const batch of streamEmbeddings(large)) {
      const { firstRow, ids, X } = batch;
      rows.push(ids.length);
      expect(ids).toEqual(whole.ids.slice(firstRow, firstRow + ids.length));
      expect(X.data).toEqual(whole.X.data.subarray(firstRow * 4, (firstRow + ids.length) * 4));
      const labels = Array.from(whole.labels!.codes, (code) => whole.labels!.values[code] ?? null);
      expect(batch.labels).toEqual(labels.slice(firstRow, firstRow + ids.length));
    }
    expect(rows).toEqual([4096, 904]);
  });
});

describe("readEmbeddings", () => {
  it("tells a missing file, a folder, an empty file and a file of another kind apart", async () => {
    await expect(readEmbeddings(join(folder, "none.arrow"))).rejects.toMatchObject({ code: "io" });
    await expectFormatError(folder, /is no file/);
    await expectFormatError(await written("empty.arrow", ""), /is empty/);
    await expectFormatError(
      await written("text.arrow", "id,text\n1,hello there, this is a table"),
      /not an Arrow file/,
    );
    await expectFormatError(await written("tiny.arrow", "ARROW1"), /cut short/);
    const stream = tableToIPC(tableFromIPC(bytes), "stream");
    await expectFormatError(await written("stream.arrow", stream), /Arrow stream, not an Arrow file/);
  });

  it("refuses a file cut anywhere", async () => {
    const step = Math.floor(bytes.length / 60);
    for (let length = 1; length < bytes.length; length += step) {
      await expectFormatError(
        await written("cut.arrow", bytes.subarray(0, length)),
        /cut short|not an Arrow file/,
      );
    }
    await expectFormatError(await written("cut.arrow", bytes.subarray(0, bytes.length - 1)), /cut short/);
  });

  it("refuses a file with a hole: its middle gone, its ends whole", async () => {
    const middle = bytes.length >> 1;
    const holed = Buffer.concat([bytes.subarray(0, middle), bytes.subarray(middle + 4096)]);
    await expectFormatError(await written("holed.arrow", holed), /is damaged/);
  });

  it("refuses footers and message headers of noise instead of ending quietly", async () => {
    const zeroed = Buffer.from(bytes);
    zeroed.fill(0, bytes.length - 10 - 200, bytes.length - 10);
    await expectFormatError(await written("footer.arrow", zeroed), /./);
    const sized = Buffer.from(bytes);
    sized.writeInt32LE(0x7fffffff, bytes.length - 10);
    await expectFormatError(await written("size.arrow", sized), /footer has no sensible size/);
    const headless = Buffer.from(bytes);
    headless.fill(0, 8, 16);
    await expectFormatError(await written("headless.arrow", headless), /is damaged/);
  });

  it("refuses other Arrow files, other versions and missing columns, saying which", async () => {
    const table = tableFromIPC(bytes);
    const rewrite = (schema: Schema, names: readonly string[]): Uint8Array => {
      const batches = table.batches.map((batch) => {
        const children = names.map((name) => batch.getChild(name)!.data[0]!);
        const data = makeData({
          type: new Struct(schema.fields),
          length: batch.numRows,
          nullCount: 0,
          children,
        });
        return new RecordBatch(schema, data);
      });
      return tableToIPC(
        new (table.constructor as typeof import("apache-arrow").Table)(schema, batches),
        "file",
      );
    };
    const { fields, metadata } = table.schema;
    const names = fields.map((field) => field.name);
    const other = rewrite(new Schema(fields), names);
    await expectFormatError(await written("other.arrow", other), /not of embeddings/);
    const newer = rewrite(new Schema(fields, new Map([...metadata, ["headstart.format", "2"]])), names);
    await expectFormatError(await written("newer.arrow", newer), /format version 2/);
    const kept = names.filter((name) => name !== "embedding");
    const lacking = new Schema(
      fields.filter((field) => field.name !== "embedding"),
      metadata,
    );
    await expectFormatError(await written("lacking.arrow", rewrite(lacking, kept)), /no column 'embedding'/);
  });

  it("widens float16 vectors", async () => {
    const table = tableFromIPC(await readFile(small));
    const type = new FixedSizeList(8, new Field("item", new Float16(), false));
    const fields = table.schema.fields.map((field) =>
      field.name === "embedding" ? new Field("embedding", type, false) : field,
    );
    const schema = new Schema(fields, table.schema.metadata);
    const batch = table.batches[0]!;
    const halves = Uint16Array.from({ length: 60 * 8 }, (_, i) => 0x3c00 + i);
    const children = fields.map((field) =>
      field.name === "embedding"
        ? makeData({
            type,
            length: 60,
            nullCount: 0,
            child: makeData({ type: new Float16(), length: 480, nullCount: 0, data: halves }),
          })
        : batch.getChild(field.name)!.data[0]!,
    );
    const data = makeData({ type: new Struct(fields), length: 60, nullCount: 0, children });
    const { Table } = await import("apache-arrow");
    const path = await written(
      "half.arrow",
      tableToIPC(new Table(schema, [new RecordBatch(schema, data)]), "file"),
    );
    const { X } = await readEmbeddings(path);
    expect(Array.from(X.data)).toEqual(Array.from({ length: 480 }, (_, i) => 1 + i / 1024));
  });
});

describe("float16ToFloat32", () => {
  it("follows IEEE 754: signs, subnormals, infinities, NaN", () => {
    const halves = Uint16Array.of(
      0x0000,
      0x3c00,
      0xc000,
      0x7bff,
      0x0001,
      0x03ff,
      0x0400,
      0x7c00,
      0xfc00,
      0x3555,
      0x7e00,
    );
    const expected = [
      0,
      1,
      -2,
      65504,
      2 ** -24,
      1023 * 2 ** -24,
      2 ** -14,
      Infinity,
      -Infinity,
      0.333251953125,
      NaN,
    ];
    expect(Array.from(float16ToFloat32(halves))).toEqual(expected);
  });
});
