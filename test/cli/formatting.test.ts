import { InvalidArgumentError } from "commander";
import { describe, expect, it } from "vitest";
import { exitCodeOf } from "../../src/cli/exit-code.js";
import { bytes, count, counted, duration, percentWithInterval } from "../../src/cli/format-number.js";
import { formatFacts, formatTable } from "../../src/cli/format-table.js";
import { collectSetting } from "../../src/cli/parse-value.js";
import { shellQuote } from "../../src/cli/shell-quote.js";
import { HeadstartError } from "../../src/core/errors.js";

describe("formatTable", () => {
  it("aligns numbers right and text left, and leaves no trailing spaces", () => {
    const rows = [
      ["ham", "4,150", "a"],
      ["spam", "96", ""],
    ];
    expect(formatTable(rows, ["class", "rows", "note"])).toEqual([
      "class   rows  note",
      "ham    4,150  a",
      "spam      96",
    ]);
  });

  it("gives emoji and CJK two columns", () => {
    expect(
      formatTable([
        ["日本", "x"],
        ["ab", "y"],
        ["🎉", "z"],
      ]),
    ).toEqual(["日本  x", "ab    y", "🎉    z"]);
  });

  it("leaves out facts that are null", () => {
    expect(
      formatFacts([
        ["rows", "3"],
        ["rejected", null],
        ["time", "1.00 s"],
      ]),
    ).toEqual(["  rows  3", "  time  1.00 s"]);
  });
});

it("numbers read as people write them", () => {
  expect(count(1234567)).toBe("1,234,567");
  expect([counted(1, "row"), counted(2000, "row")]).toEqual(["1 row", "2,000 rows"]);
  expect([0.123, 12.34, 59.96, 245, 7384].map(duration)).toEqual([
    "0.12 s",
    "12.3 s",
    "60.0 s",
    "4 min 05 s",
    "2 h 03 min",
  ]);
  expect([999, 1500, 28_400_000].map(bytes)).toEqual(["999 B", "1.5 kB", "28.4 MB"]);
  expect(percentWithInterval({ value: 0.9234, low: 0.901, high: 0.94 })).toBe("92.3% (90.1 to 94.0)");
});

describe("collectSetting", () => {
  it("reads values as JSON, and what is no JSON as text", () => {
    const texts = [
      "C=1",
      "shrink=true",
      "w=null",
      "gamma=scale",
      'classWeight={"a":2}',
      "eq=a=b",
      "tol=1e-4",
      'q="1"',
    ];
    expect(texts.reduce<Record<string, unknown>>((before, text) => collectSetting(text, before), {})).toEqual(
      {
        C: 1,
        shrink: true,
        w: null,
        gamma: "scale",
        classWeight: { a: 2 },
        eq: "a=b",
        tol: 1e-4,
        q: "1",
      },
    );
  });

  it.each(["C", "=1", "w={a:1}"])("refuses %s", (text) => {
    expect(() => collectSetting(text)).toThrow(InvalidArgumentError);
  });
});

it("exit codes follow the kind of error", () => {
  expect(exitCodeOf(new HeadstartError("usage", ""))).toBe(2);
  expect(exitCodeOf(new HeadstartError("config", ""))).toBe(2);
  expect(exitCodeOf(new HeadstartError("data", ""))).toBe(1);
  expect(exitCodeOf(new HeadstartError("data", "", { facts: { flag: "--text" } }))).toBe(2);
  expect(exitCodeOf(new HeadstartError("interrupted", ""))).toBe(130);
  expect(exitCodeOf(new TypeError("x"))).toBe(1);
});

it.skipIf(process.platform === "win32")("what is typed next is quoted for the shell", () => {
  expect(["out/a-b.onnx", "my file", "it's"].map(shellQuote)).toEqual([
    "out/a-b.onnx",
    "'my file'",
    "'it'\\''s'",
  ]);
});
