import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { built, dataFolder, readRows } from "./read-rows.js";

/** Every how many test rows one is compared with all training rows. */
const everyNth = 4;

describe.skipIf(!built)("the mail (skipped: sample data not built)", () => {
  const rows = built ? readRows(join(dataFolder, "spam/built/mail.csv")) : [];
  const bodies = rows.map(({ id, text }) => ({ id, body: text.split("\n").slice(1).join("\n") }));

  it("has no near-duplicates across the split", () => {
    const train = rows.filter((row) => row.split === "train");
    const test = rows.filter((row, i) => row.split === "test" && i % everyNth === 0);
    expect(test.length).toBeGreaterThan(300);
    const sets = train.map((row) => fiveWords(row.text));
    const where = new Map<string, number[]>();
    sets.forEach((set, i) => {
      for (const words of set) where.set(words, [...(where.get(words) ?? []), i].slice(-2000));
    });
    const tooClose: string[] = [];
    for (const { id, text } of test) {
      const own = fiveWords(text);
      const shared = new Map<number, number>();
      for (const words of own)
        for (const i of where.get(words) ?? []) shared.set(i, (shared.get(i) ?? 0) + 1);
      for (const [i, n] of shared) {
        const overlap = n / (own.size + sets[i].size - n);
        if (overlap >= 0.5) tooClose.push(`${id} and ${train[i].id}: ${overlap.toFixed(2)}`);
      }
    }
    expect(tooClose).toEqual([]);
  });

  it.each([
    [
      "header lines",
      /^(from|to|cc|date|received|message-id|mime-version|content-[\w-]+|list-[\w-]+|x-[\w-]+): /im,
    ],
    [
      "footers of list servers",
      /mailman\/listinfo|^[\w.-]+ mailing list(\s+\S*[@[]\S*)?$|^irish linux users' group\b/im,
    ],
    ["sponsors of list servers", /this (sf\.net|sourceforge\.net) email is sponsored/i],
    ["PGP armour", /-----(begin|end) pgp/i],
    ["mail addresses", /[\w.-]+@[\w-]+\.[a-z]{2}/i],
    ["links", /https?:\/\/\w/i],
    ["list names of the recipient", /\bilug\b/i],
    ["attributions", /^on (mon|tue|wed|thu|fri|sat|sun)\w*,.{5,80}wrote:$/im],
  ])("has no %s left", (_, pattern) => {
    expect(bodies.filter(({ body }) => pattern.test(body)).map(({ id }) => id)).toEqual([]);
  });

  it("has no bracketed list names and reply marks in subjects", () => {
    const subjects = rows.map((row) => row.text.split("\n")[0]);
    expect(
      subjects.filter((subject) => /^(re|fwd?):|\[(?!link|address)[a-z]+-?[a-z]*\]/i.test(subject)),
    ).toEqual([]);
  });

  it("gives the test side a quarter of each class", () => {
    for (const label of ["ham", "spam"]) {
      const own = rows.filter((row) => row.label === label);
      const share = own.filter((row) => row.split === "test").length / own.length;
      expect(share).toBeGreaterThan(0.24);
      expect(share).toBeLessThanOrEqual(0.25);
    }
  });
});

/** Runs of five words, letters only; the whole text where it is shorter. */
function fiveWords(text: string): Set<string> {
  const words = text
    .toLowerCase()
    .split(/\P{L}+/u)
    .filter(Boolean);
  const runs = new Set(words.slice(4).map((_, i) => words.slice(i, i + 5).join(" ")));
  return runs.size === 0 ? new Set([words.join(" ")]) : runs;
}
