import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as headstart from "../../src/index.js";
import { reviewsCsv } from "./reviews.js";
import { workplace } from "./run-cli.js";

const { path, write, json, refused } = workplace();
const at = (name: string): string => join(path, name);

/** Embedding `name` is refused, and leaves nothing behind. */
async function refusedWhole(name: string, flags: string[], code: 1 | 2, message: RegExp, hint: RegExp) {
  await refused(["embed", name, "-o", `${name}.arrow`, ...flags], code, message, hint);
  expect(readdirSync(path).filter((file) => file.startsWith(`${name}.arrow`))).toEqual([]);
}

const rejectsOf = (name: string) =>
  readFileSync(at(name), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { id: string; source: string; reason: string });

describe.concurrent("text that cannot be embedded at all", () => {
  it.each([
    ["an empty file", "empty.csv", "", /empty\.csv has no rows/, /empty/],
    [
      "a header alone",
      "header.csv",
      "id,text,label\n",
      /header\.csv has no rows/,
      /only a header: id, text, label/,
    ],
    [
      "only empty texts",
      "blank.csv",
      "text,label\n,a\n  ,b\n",
      /None of the 2 rows/,
      /blank\.csv:2: empty text/,
    ],
    [
      "latin-1 taken for UTF-8",
      "latin.csv",
      Buffer.from("text,label\ncaf\xe9 noir,a\n", "latin1"),
      /line 2, byte 4/,
      /--encoding latin1/,
    ],
    ["a file of no known format", "table.dat", "PK", /table\.dat/, /\.jsonl/],
    ["a file that is not there", "gone.csv", null, /gone\.csv/, /./],
  ])("%s", async (_what, name, content, message, hint) => {
    if (content !== null) write(name, content);
    await refusedWhole(name, [], 1, message, hint);
  });

  it("a column that is not there, which is wrong usage", async () => {
    write("columns.csv", "id,text,label\n1,fine,a\n");
    for (const flag of ["--text", "--label", "--id", "--split"]) {
      await refusedWhole(
        "columns.csv",
        [flag, "txt"],
        2,
        /columns\.csv has no column 'txt'/,
        /Columns: id, text, label/,
      );
    }
  });

  it("a bad row under --on-error fail; once corrected, the same command works", async () => {
    write("strict.csv", "id,text\n1,fine\n2,\n");
    const flags = ["--on-error", "fail"];
    await refusedWhole("strict.csv", flags, 1, /strict\.csv:3 \(id '2'\): empty text/, /--on-error reject/);
    write("strict.csv", "id,text\n1,fine\n2,good\n");
    const result = await json<headstart.EmbedResult>([
      "embed",
      "strict.csv",
      "-o",
      "strict.csv.arrow",
      ...flags,
    ]);
    expect(result).toMatchObject({ rows: 2, rejects: 0, resumedAtRow: null });
  });
});

describe.concurrent("text that is embedded in spite of all", () => {
  it("duplicate ids and empty texts go to the rejects file", async () => {
    write("twice.csv", "id,text\na,one\nb,two\na,three\nc,\n");
    const result = await json<headstart.EmbedResult>(["embed", "twice.csv", "-o", "twice.arrow"], 3);
    expect(result).toMatchObject({ rows: 2, rejects: 2, rejectsFile: "twice.arrow.rejects.jsonl" });
    expect(rejectsOf("twice.arrow.rejects.jsonl")).toEqual([
      { id: "a", source: "twice.csv:4", reason: "id 'a' is already that of line 2; ids must be unique" },
      { id: "c", source: "twice.csv:5", reason: "empty text" },
    ]);
    expect((await headstart.readEmbeddings(at("twice.arrow"))).ids).toEqual(["a", "b"]);
    write("twice.csv", "id,text\na,one\nb,two\n");
    await json(["embed", "twice.csv", "-o", "twice.arrow"]);
    expect(existsSync(at("twice.arrow.rejects.jsonl"))).toBe(false);
  });

  it("a byte order mark, and latin-1 that is called so, change no vector", async () => {
    const csv = "id,text,label\n1,le café noir,größe\n2,déjà vu,b\n";
    write("plain.csv", csv);
    write("bom.csv", `\ufeff${csv}`);
    write("latin1.csv", Buffer.from(csv, "latin1"));
    const files = [];
    for (const [name, flags] of [
      ["plain", []],
      ["bom", []],
      ["latin1", ["--encoding", "latin1"]],
    ] as const) {
      await json(["embed", `${name}.csv`, "-o", `${name}.arrow`, ...flags]);
      const { ids, X, labels } = await headstart.readEmbeddings(at(`${name}.arrow`));
      files.push({ ids, X, labels });
    }
    expect(files[1]).toEqual(files[0]);
    expect(files[2]).toEqual(files[0]);
    expect(files[0]!.labels!.values).toContain("größe");
  });

  it("a megabyte of text is cut to what the backbone reads, and counted", async () => {
    write("long.csv", `text\n${"word ".repeat(200_000)}\nshort and sweet\n`);
    const result = await json<headstart.EmbedResult>(["embed", "long.csv", "-o", "long.arrow"]);
    expect(result).toMatchObject({ rows: 2, rejects: 0, truncated: 1 });
  });

  it("no text makes a vector that is not finite", async () => {
    const texts = [
      "\u0000",
      "🙂🙂🙂",
      "\u202e\u200b",
      "....",
      "中文",
      "a".repeat(3000),
      "<script>",
      "NaN",
      "-inf",
    ];
    write("strange.jsonl", texts.map((text) => JSON.stringify({ text })).join("\n"));
    const { rejects } = await headstart.embed({ input: at("strange.jsonl"), out: at("strange.arrow") });
    const { X } = await headstart.readEmbeddings(at("strange.arrow"));
    expect(X.rows + rejects).toBe(texts.length);
    expect(X.rows).toBeGreaterThanOrEqual(7);
    expect(X.data.every(Number.isFinite)).toBe(true);
  });
});

describe.concurrent("bad rows while predicting", () => {
  it("are listed beside the answers, or in the working folder", async () => {
    write("reviews.csv", reviewsCsv(["id", "review", "label"]));
    await headstart.embed({ input: at("reviews.csv"), out: at("x.arrow") });
    await headstart.train({ embeddings: at("x.arrow"), out: at("head.onnx"), cv: 0 });
    write("new.csv", "id,text\na,a fine place\nb,\na,again\n");
    const written = await json<headstart.PredictResult>(
      ["predict", "head.onnx", "new.csv", "-o", "new.jsonl"],
      3,
    );
    expect(written).toMatchObject({ rows: 1, rejects: 2, rejectsFile: "new.jsonl.rejects.jsonl" });
    const shown = await json<headstart.PredictResult>(["predict", "head.onnx", "new.csv"], 3);
    expect(rejectsOf(shown.rejectsFile!)).toEqual(rejectsOf("new.jsonl.rejects.jsonl"));
    await refused(
      ["predict", "head.onnx", "header.csv", "-o", "h.csv"],
      1,
      /header\.csv has no rows/,
      /header/,
    );
    expect(readdirSync(path).filter((name) => name.startsWith("h.csv"))).toEqual([]);
  });
});
