import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { float16ToFloat32 } from "../../../src/embeddings/file/float16.js";
import { readEmbeddings } from "../../../src/embeddings/file/read-embeddings.js";
import { type ConvertOptions, convert } from "../../../src/index.js";
import { temporaryFolder } from "../../data/temporary-folder.js";

/** Written by NumPy, pyarrow, polars and pandas: `make.py`. */
const golden = join(import.meta.dirname, "../../golden/convert");
const expected = JSON.parse(readFileSync(join(golden, "expected.json"), "utf8")) as {
  readonly f4: number[];
  readonly f2: number[];
  readonly i1: number[];
  readonly ids: string[];
  readonly labels: (string | null)[];
  readonly splits: string[];
};
const { path } = temporaryFolder();
const out = join(path, "x.arrow");

const taken = async (name: string, options: Partial<ConvertOptions> = {}) => {
  const result = await convert({ input: join(golden, name), out, ...options });
  return { result, embeddings: await readEmbeddings(out) };
};
const refusal = (name: string, options: Partial<ConvertOptions> = {}) =>
  convert({ input: join(golden, name), out, ...options }).then(
    () => ({ message: "was not refused", hint: "", code: "" }),
    (error: { message: string; hint: string; code: string }) => error,
  );
const bitsOf = (X: { readonly data: Float32Array }): number[] =>
  Array.from(new Uint32Array(X.data.slice().buffer));
const classes = (coded: { codes: Int32Array; values: readonly string[] } | null) =>
  coded && Array.from(coded.codes, (code) => coded.values[code] ?? null);
const COLUMNS = { id: "doc", label: "topic" };

describe("tables of others", () => {
  it.each([
    "pyarrow-list.parquet",
    "pyarrow-fixed.parquet",
    "pyarrow-split.parquet",
    "polars-list.parquet",
    "polars-array.parquet",
    "pandas.parquet",
    "pyarrow-list.arrow",
    "pyarrow-fixed.arrow",
    "polars-list.arrow",
    "polars-array.arrow",
    "pyarrow-list.arrows",
    "pyarrow-fixed.arrows",
    "polars-list.arrows",
  ])("give every bit, id, label and split: %s", async (name) => {
    const { result, embeddings } = await taken(name, COLUMNS);
    expect(result).toMatchObject({ rows: 12, rejects: 0, rejectsFile: null, dim: 4, store: "fp32" });
    expect(bitsOf(embeddings.X)).toEqual(expected.f4);
    expect(embeddings.ids).toEqual(expected.ids);
    expect(classes(embeddings.labels)).toEqual(expected.labels);
    expect(classes(embeddings.splits)).toEqual(expected.splits);
    expect(embeddings.sources[4]).toBe(`${name}:5`);
    expect(embeddings.meta).toMatchObject({
      backbone: { id: "unknown", dim: 4 },
      extra: { "headstart.imported": name },
    });
  });

  it.each([
    "pyarrow-half.parquet",
    "pyarrow-half.arrow",
    "pyarrow-half.arrows",
  ])("stay float16: %s", async (name) => {
    const { result, embeddings } = await taken(name, COLUMNS);
    expect(result.store).toBe("fp16");
    expect(embeddings.X.data).toEqual(float16ToFloat32(Uint16Array.from(expected.f2)));
  });

  it.each([
    "pyarrow-list.parquet",
    "pyarrow-list.arrow",
    "pyarrow-list.arrows",
  ])("keep columns in their types: %s", async (name) => {
    const { embeddings } = await taken(name, { ...COLUMNS, keep: ["n", "topic"] });
    expect(embeddings.meta.kept).toEqual([
      { name: "n", type: "int64" },
      { name: "topic", type: "utf8" },
    ]);
    expect(embeddings.kept).toEqual([Array.from({ length: 12 }, (_, i) => BigInt(i)), expected.labels]);
  });

  it.each([
    "bad.parquet",
    "bad.arrow",
    "bad.arrows",
  ])("lose the rows that cannot be used, and say why: %s", async (name) => {
    const { result, embeddings } = await taken(name, COLUMNS);
    expect(result).toMatchObject({ rows: 5, rejects: 7, rejectsFile: `${out}.rejects.jsonl` });
    expect(embeddings.ids).toEqual(["doc-0", "doc-4", "doc-9", "doc-10", "doc-11"]);
    expect(bitsOf(embeddings.X).slice(4, 8)).toEqual(expected.f4.slice(16, 20));
    const lines = readFileSync(`${out}.rejects.jsonl`, "utf8").trim().split("\n");
    const reasons = lines.map((line) => (JSON.parse(line) as { reason: string }).reason);
    expect(reasons).toEqual([
      "column 'vec' has no vector, and the first vector has 4",
      "column 'vec' has no vector, and the first vector has 4",
      "column 'vec' has a null among its numbers, and the first vector has 4",
      "column 'vec' has 2 numbers, and the first vector has 4",
      "a number of the vector is not finite",
      "empty id in column 'doc'",
      "id 'doc-0' is already that of row 1; ids must be unique",
    ]);
  });

  it("come through a pipe as a stream, which is refused where it is cut short", async () => {
    const whole = readFileSync(join(golden, "pyarrow-list.arrows"));
    // In pieces of which none holds the whole schema.
    const piped = (bytes: Buffer) =>
      Readable.from(
        Array.from({ length: Math.ceil(bytes.length / 7) }, (_, i) => bytes.subarray(7 * i, 7 * i + 7)),
      );
    const result = await convert({ input: "-", stdin: piped(whole), out, ...COLUMNS });
    expect(result).toMatchObject({ rows: 12, dim: 4 });
    const { X, ids, sources } = await readEmbeddings(out);
    expect(bitsOf(X)).toEqual(expected.f4);
    expect(ids).toEqual(expected.ids);
    expect(sources[4]).toBe("stdin:5");
    for (const length of [whole.length - 8, whole.length / 2, 300]) {
      await expect(
        convert({ input: "-", stdin: piped(whole.subarray(0, length)), out, ...COLUMNS }),
      ).rejects.toMatchObject({ message: expect.stringMatching(/^stdin .*(cut short|damaged)/) });
    }
  });

  it("are refused where they hold no vectors, or several columns of them", async () => {
    const texts = await refusal("texts.parquet");
    expect(texts).toMatchObject({ code: "data", message: "texts.parquet has no column of vectors" });
    expect(texts.hint).toContain("headstart embed texts.parquet");
    expect(await refusal("two.parquet")).toMatchObject({ hint: "Name one: --embedding a" });
    expect(await refusal("two.parquet", { embedding: "id" })).toMatchObject({
      message: "two.parquet has a column 'id', but not one of lists of numbers",
    });
    expect((await taken("two.parquet", { embedding: "b" })).result.rows).toBe(12);
    expect(await refusal("pyarrow-list.arrow", { label: "none" })).toMatchObject({
      message: "pyarrow-list.arrow has no column 'none'",
    });
  });
});

describe("NumPy's files", () => {
  it.each(["v1", "v2", "v3", "f8", "big-endian"])("give every bit: %s", async (name) => {
    const { embeddings } = await taken(`${name}.npy`, { ids: join(golden, "rows.csv"), ...COLUMNS });
    expect(bitsOf(embeddings.X)).toEqual(expected.f4);
    expect(embeddings.ids).toEqual(expected.ids);
    expect(classes(embeddings.labels)).toEqual(expected.labels);
    expect(classes(embeddings.splits)).toEqual(expected.splits);
  });

  it.each(["f2", "big-endian-f2"])("stay float16: %s", async (name) => {
    const { result, embeddings } = await taken(`${name}.npy`);
    expect(result.store).toBe("fp16");
    expect(embeddings.X.data).toEqual(float16ToFloat32(Uint16Array.from(expected.f2)));
  });

  it("of integers become float32, and rows without ids are numbered", async () => {
    const { result, embeddings } = await taken("i1.npy");
    expect(Array.from(embeddings.X.data)).toEqual(expected.i1);
    expect(embeddings.ids.slice(0, 2)).toEqual(["i1.npy:1", "i1.npy:2"]);
    expect(embeddings.labels).toBeNull();
    expect(result.guesses.join()).toContain("origin: unknown");
  });

  it.each([
    ["fortran.npy", /Fortran's order/, /ascontiguousarray/],
    ["object.npy", /Python objects/, /numpy.stack/],
    ["fields.npy", /has fields/, /astype/],
    ["flat.npy", /has the shape \(4\)/, /reshape/],
    ["complex.npy", /'<c8'/, /astype/],
    ["archive.npz", /zip archive/, /numpy.save/],
    ["rows.csv", /is text/, /headstart embed/],
  ])("are refused with a remedy: %s", async (name, message, hint) => {
    const error = await refusal(name);
    expect(error.code).toBe("data");
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
  });

  it("are refused where they are cut short, or their ids are not theirs", async () => {
    const cut = join(path, "cut.npy");
    writeFileSync(cut, readFileSync(join(golden, "v1.npy")).subarray(0, 300));
    expect(await refusal(cut.replace(golden, ""), { input: cut })).toMatchObject({
      message: "cut.npy is cut short: 300 bytes of 320",
    });
    for (const [name, count] of [
      ["few", 11],
      ["many", 13],
    ] as const) {
      const ids = join(path, `${name}.csv`);
      writeFileSync(ids, `doc\n${Array.from({ length: count }, (_, i) => `d${i}\n`).join("")}`);
      const error = await refusal("v1.npy", { ids, id: "doc" });
      expect(error.message).toContain("v1.npy has 12 rows, and");
      expect(error.message).toContain(name === "few" ? "has 11" : "has more");
    }
  });

  it("do not take the metadata of another file of their name", async () => {
    copyFileSync(join(golden, "v1.npy"), join(path, "own.npy"));
    await convert({ input: join(path, "own.npy"), out, origin: "mine" });
    await convert({ input: out, out: join(path, "copy.npy") });
    copyFileSync(join(golden, "i1.npy"), join(path, "copy.npy"));
    writeFileSync(join(path, "copy.meta.json"), JSON.stringify({ rows: 3, dim: 4, metadata: {}, kept: [] }));
    expect(await refusal("", { input: join(path, "copy.npy") })).toMatchObject({
      message: expect.stringContaining("copy.meta.json is of 3 vectors") as string,
    });
  });
});

describe("where vectors come from", () => {
  const fingerprint = async (name: string, options: Partial<ConvertOptions>) =>
    (await taken(name, options)).result.fingerprint;

  it("decides what they can be used with", async () => {
    const mine = await fingerprint("v1.npy", { origin: "mine" });
    expect(await fingerprint("pyarrow-list.parquet", { origin: "mine", ...COLUMNS })).toBe(mine);
    expect(await fingerprint("v1.npy", { origin: "other" })).not.toBe(mine);
    expect(await fingerprint("v1.npy", {})).not.toBe(mine);
  });

  it("may be a backbone that runs here, if it makes such vectors", async () => {
    const error = await refusal("v1.npy", { backbone: "use-lite" });
    expect(error.message).toBe("v1.npy has vectors of 4 numbers, and 'use-lite' makes 512");
    expect(error.hint).toContain("--origin");
    expect(await refusal("v1.npy", { backbone: "use-lite", origin: "x" })).toMatchObject({ code: "usage" });
  });
});
