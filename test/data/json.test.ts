import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonElements } from "../../src/data/json-elements.js";
import { openDataset } from "../../src/data/open-dataset.js";
import { allRows, contents, temporaryFolder } from "./temporary-folder.js";

const folder = temporaryFolder();
let files = 0;
const open = (json: string) => openDataset(folder.write(`doc${files++}.json`, json));

describe("a JSON document", () => {
  it("is an array of objects, whatever its layout", async () => {
    const rows = [
      { text: 'a "b" [c] {d} \\', label: 1 },
      { text: "é\n😀", label: null },
      { text: "x y", label: true },
    ];
    for (const json of [
      JSON.stringify(rows),
      JSON.stringify(rows, null, 2),
      `\r\n ${JSON.stringify(rows)} \n`,
    ]) {
      const dataset = await open(json);
      expect(await contents(dataset)).toEqual(rows.map((row) => row.text));
      expect((await allRows(dataset)).map((row) => row.state === "row" && row.label)).toEqual([
        "1",
        null,
        "true",
      ]);
    }
    const dataset = await open(JSON.stringify(rows));
    expect(dataset.guesses.at(-1)).toMatch(/^ids: "doc\d+\.json:ROW" \(no id column\)$/);
    expect((await allRows(dataset))[2]!.id).toMatch(/json:3$/);
  });

  it("is an object that holds one such array", async () => {
    const json = JSON.stringify({
      version: 1,
      'a"]': [1, [2]],
      none: [],
      meta: { rows: [{ text: "no" }] },
      data: [{ text: "a b" }, { text: "c d" }],
      end: "]",
    });
    expect(await contents(await open(json))).toEqual(["a b", "c d"]);
  });

  it("has bad elements as rejected rows", async () => {
    const deep = `{"text": ${"[".repeat(1e6)}${"]".repeat(1e6)}}`;
    const rows = await contents(
      await open(`[{"text":"a b"}, 3, {"text": tru}, "s", ${deep},\n{"text":"c d"}]`),
    );
    expect(rows).toEqual([
      "a b",
      expect.stringMatching(/row 2 \(line 1\): not a JSON object/),
      expect.stringMatching(/row 3 \(line 1\): not valid JSON/),
      expect.stringMatching(/row 4 \(line 1\): not a JSON object/),
      expect.stringMatching(/nested 1000001 levels deep; at most 256 are read/),
      "c d",
    ]);
  });

  it.each([
    ["a number", "3", "neither an array nor an object"],
    ["an object without records", '{"text": "a"}', "without an array of objects"],
    ["columns instead of rows", '{"text": {"0": "a"}}', "without an array of objects"],
    ["two arrays of records", '{"a": [{"text": "x"}], "b": [{"text": "y"}]}', "'a' and 'b'"],
    ["one that is cut short", '[{"text": "a b"}, {"text": "c', "ends too early"],
    ["one without its bracket", '[{"text": "a b"}', "ends too early"],
    ["one with a stray comma", '[{"text": "a b"},]', "a comma with nothing after it"],
    ["one with more after it", '[{"text": "a b"}] []', "more after the end"],
    ["one without commas", '[{"text": "a b"} {"text": "c"}]', "expected a comma"],
    ["nothing", " ", "has no rows"],
  ])("is refused where it is %s", async (_what, json, message) => {
    await expect(open(json).then(allRows)).rejects.toMatchObject({
      code: "data",
      message: expect.stringContaining(message),
      hint: expect.any(String),
    });
  });

  it("is cut into what JSON.parse gives, however its bytes are cut", async () => {
    const pieces = (text: string, size: number) =>
      Readable.from(
        (function* () {
          const bytes = Buffer.from(text);
          for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
        })(),
      ) as AsyncIterable<Buffer>;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue(), { maxLength: 6 }),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(3),
        async (values, size, indent) => {
          const texts: unknown[] = [];
          for await (const { text } of jsonElements(
            pieces(JSON.stringify(values, null, indent), size),
            "x",
            1e9,
          )) {
            texts.push(JSON.parse(text!));
          }
          expect(texts).toEqual(JSON.parse(JSON.stringify(values)));
        },
      ),
      { seed: 3, numRuns: 300 },
    );
  });

  it("is a stream's too, and its records are bounded", async () => {
    const stdin = Readable.from([
      Buffer.from('[{"text":"a b"},'),
      Buffer.from(`{"text":"${"x".repeat(70 * 2 ** 20)}"},{"text":"c d"}]`),
    ]);
    const rows = await contents(await openDataset("-", { stdin, format: "json", maxTextLength: 1000 }));
    expect(rows).toEqual(["a b", expect.stringContaining("longer than 67108864 bytes"), "c d"]);
  });
});
