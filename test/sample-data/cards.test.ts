import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { built, countBy, dataFolder, readRows } from "./read-rows.js";

type Counts = Record<string, Record<string, number>>;
type Stamp = { made: string; counts: Counts; leftOut: Record<string, number> };

describe.skipIf(!built)("the source cards (skipped: sample data not built)", () => {
  it.each(["spam", "sentiment", "emoji"])("of %s gives the build's counts", (set) => {
    const { counts, leftOut } = stampOf(set);
    expect(tables(card(set))[0]).toEqual(withTotals(counts));
    for (const [reason, n] of Object.entries(leftOut)) {
      expect(card(set)).toMatch(new RegExp(`\\b${n} \\w+ are left out, because`));
      expect(n, reason).toBeGreaterThan(0);
    }
  });

  it("gives the sample's counts", () => {
    const counts = countBy(readRows(join(dataFolder, "spam/built/mail-sample.csv")));
    const rows = sum(Object.values(counts).flatMap((splits) => Object.values(splits)));
    const { ham, spam } = counts;
    expect(oneLine(card("spam"))).toContain(
      `The sample has ${rows} rows: ham ${ham.train} train and ${ham.test} test, spam ${spam.train} train and ${spam.test} test.`,
    );
  });

  it("gives the reviews' counts", () => {
    const counts = countBy(readRows(join(dataFolder, "sentiment/reviews.csv")));
    expect(tables(card("sentiment"))[1]).toEqual(withTotals(counts));
  });

  it("names the versions of the packages that were read", () => {
    for (const set of ["spam", "sentiment", "emoji"]) {
      const { packages } = JSON.parse(stampOf(set).made) as { packages: Record<string, string> };
      const sources = Object.entries(packages).filter(([name]) => /^@|afinn/.test(name));
      expect(sources.length).toBeGreaterThan(0);
      for (const [name, version] of sources) {
        expect(card(set)).toContain(`\`${name}\` ${version}`);
        expect(card(".")).toContain(`\`${name}\` ${version}`);
      }
    }
  });

  it("gives the majority class's share of the test rows", () => {
    for (const set of ["spam", "sentiment", "emoji"]) {
      const tests = Object.values(stampOf(set).counts).map((splits) => splits.test);
      const share = ((100 * Math.max(...tests)) / sum(tests)).toFixed(1);
      expect(card(set)).toContain(`${share} %`);
    }
  });

  it("adds up in the index", () => {
    const rowsOf = (file: string) =>
      Number(new RegExp(`\`${file}\`.*?\\| ([\\d,]+) \\|`).exec(card("."))![1].replace(",", ""));
    const all = (set: string) => withTotals(stampOf(set).counts).all.all;
    expect(rowsOf("spam/built/mail.csv")).toBe(all("spam"));
    expect(rowsOf("sentiment/built/words.csv")).toBe(all("sentiment"));
    expect(rowsOf("emoji/built/noto")).toBe(all("emoji"));
    expect(rowsOf("emoji/built/twemoji")).toBe(all("emoji"));
    expect(rowsOf("spam/built/mail-sample.csv")).toBe(
      readRows(join(dataFolder, "spam/built/mail-sample.csv")).length,
    );
    expect(rowsOf("sentiment/reviews.csv")).toBe(readRows(join(dataFolder, "sentiment/reviews.csv")).length);
  });
});

describe("the reviews", () => {
  const rows = readRows(join(dataFolder, "sentiment/reviews.csv"));

  it("are 180, with the columns of the card and unique ids and texts", () => {
    expect(rows).toHaveLength(180);
    expect(Object.keys(rows[0])).toEqual(["id", "text", "label", "domain", "split"]);
    expect(new Set(rows.map((row) => row.id)).size).toBe(180);
    expect(new Set(rows.map((row) => row.text.toLowerCase().trim())).size).toBe(180);
  });

  it("are balanced in each domain and split", () => {
    const cells = new Map<string, number>();
    for (const { label, domain, split } of rows) {
      const cell = `${domain} ${split} ${label}`;
      cells.set(cell, (cells.get(cell) ?? 0) + 1);
    }
    expect(Object.fromEntries(cells)).toEqual({
      "film train positive": 30,
      "film train negative": 30,
      "film test positive": 15,
      "film test negative": 15,
      "kitchen train positive": 30,
      "kitchen train negative": 30,
      "kitchen test positive": 15,
      "kitchen test negative": 15,
    });
  });
});

function card(set: string): string {
  return readFileSync(join(dataFolder, set, "README.md"), "utf8");
}

function stampOf(set: string): Stamp {
  return JSON.parse(readFileSync(join(dataFolder, set, "built/stamp.json"), "utf8")) as Stamp;
}

/** The tables `| Class | train | test | all |` of a card, in order. */
function tables(markdown: string): Counts[] {
  return markdown
    .split("| Class | train | test | all |\n")
    .slice(1)
    .map((rest) => {
      const lines = rest.split("\n\n")[0].split("\n").slice(1);
      return Object.fromEntries(
        lines.map((line) => {
          const [label, train, test, all] = line
            .split("|")
            .slice(1, 5)
            .map((cell) => cell.trim().replace(",", ""));
          return [label, { train: Number(train), test: Number(test), all: Number(all) }];
        }),
      );
    });
}

function withTotals(counts: Counts): Counts {
  const rows = Object.entries(counts).map(
    ([label, { train, test }]) => [label, { train, test, all: train + test }] as const,
  );
  const total = (column: "train" | "test" | "all") => sum(rows.map(([, row]) => row[column]));
  return {
    ...Object.fromEntries(rows),
    all: { train: total("train"), test: total("test"), all: total("all") },
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ");
}
