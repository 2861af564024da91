import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { kindOf } from "../../data/emoji/choose-glyphs.js";
import { wordFamily } from "../../data/sentiment/word-family.js";
import { built, dataFolder, readRows } from "./read-rows.js";

describe("what stays on one side", () => {
  it.each([
    ["love", "loved", "loving", "lovely", "loves"],
    ["cry", "cries", "cried"],
    ["care", "careful", "careless", "carefulness"],
    ["terrible", "terribly"],
    ["bad", "badness"],
    ["stop", "stopped", "stopping"],
  ])("%s and its inflections are a family", (...words) => {
    expect(new Set(words.map(wordFamily)).size).toBe(1);
  });

  it.each([
    ["man-running", "woman-running-facing-right", "person-running"],
    ["red-heart", "blue-heart", "heart-suit", "heart-with-arrow"],
    ["one-oclock", "twelve-thirty"],
    ["left-arrow", "up-right-arrow"],
    ["cat", "cat-face"],
    ["1st-place-medal", "3rd-place-medal"],
  ])("%s and its like are a kind", (...names) => {
    expect(new Set(names.map(kindOf)).size).toBe(1);
  });

  it("tells other things apart", () => {
    const names = [
      "bow-and-arrow",
      "left-arrow",
      "smiling-cat-with-heart-eyes",
      "red-heart",
      "pizza",
      "taxi",
    ];
    expect(new Set(names.map(kindOf)).size).toBe(names.length);
    expect(wordFamily("love")).not.toBe(wordFamily("hate"));
  });
});

describe.skipIf(!built)("the built sets (skipped: sample data not built)", () => {
  it("keep a word and what endings make of it on one side", () => {
    const rows = readRows(join(dataFolder, "sentiment/built/words.csv"));
    const side = new Map(rows.map(({ text, split }) => [text, split]));
    const pairs = rows.flatMap(({ text }) =>
      ["s", "ed", "ing", "ly", "ful", "less", "ness", "ment"]
        .map((ending) => [text, text + ending] as const)
        .filter(([, other]) => side.has(other)),
    );
    expect(pairs.length).toBeGreaterThan(300);
    expect(pairs.filter(([a, b]) => side.get(a) !== side.get(b))).toEqual([]);
  });

  it("keep a glyph on the same side in both artists' pictures, and its kind with it", () => {
    const [noto, twemoji] = ["noto", "twemoji"].map(picturesOf);
    expect(noto.size).toBeGreaterThan(1000);
    expect(twemoji).toEqual(noto);
    const sides = new Map<string, Set<string>>();
    for (const [name, place] of noto) {
      const kind = kindOf(name);
      sides.set(kind, (sides.get(kind) ?? new Set()).add(place.split("/")[0]));
    }
    expect([...sides].filter(([, found]) => found.size > 1)).toEqual([]);
  });
});

/** `<split>/<category>` by glyph. */
function picturesOf(artist: string): Map<string, string> {
  const root = join(dataFolder, "emoji/built", artist);
  const places = readdirSync(root).flatMap((split) =>
    readdirSync(join(root, split)).map((c) => `${split}/${c}`),
  );
  const entries = places.flatMap((place) =>
    readdirSync(join(root, place)).map((file) => [file.replace(".png", ""), place] as const),
  );
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
