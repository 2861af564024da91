import { describe, expect, it } from "vitest";
import { cleanBody, cleanSubject, mailText } from "../../data/spam/clean-mail.js";
import { groupNearDuplicates } from "../../data/spam/near-duplicates.js";
import { withoutRecurringLines } from "../../data/spam/recurring-lines.js";
import { splitGroups } from "../../data/spam/split-groups.js";

describe("cleaning a mail", () => {
  it("keeps what the author wrote", () => {
    const body = [
      "On Mon, 26 Aug 2002, Ann Other wrote:",
      "> have you tried turning it off?",
      "I have. See http://example.org/log or ask ann@example.org.",
      "",
      "--",
      "Bob",
      "",
      "_______________________________________________",
      "Gadgets mailing list gadgets@example.org",
      "http://example.org/mailman/listinfo/gadgets",
    ].join("\n");
    expect(cleanBody(body)).toBe("I have. See [link] or ask [address].");
  });

  it("drops paragraphs of list servers to their end, and not what follows", () => {
    const body = "Yes.\n\nThis SF.net email is sponsored by: Someone\nwho sells things\n\nNo.";
    expect(cleanBody(body)).toBe("Yes.\n\nNo.");
  });

  it.each([
    ["Re: [ILUG] sound", "sound"],
    ["RE: Fwd: sound (was: noise)", "sound"],
    ["[gadgets] Re: Re: what now?", "what now?"],
    ["Regarding sound", "Regarding sound"],
  ])("reads the subject %s as %s", (subject, clean) => {
    expect(cleanSubject(subject)).toBe(clean);
  });

  it("says when nothing is left", () => {
    expect(mailText("Re: hello", "> hello\nhttp://example.org/")).toBe("");
  });
});

describe("lines that a sender repeats", () => {
  const word = ["one", "two", "three", "four", "five", "six", "seven"];

  it("go, at the end of three mails and in the midst of six", () => {
    const texts = word.map(
      (w) => `about ${w}\n\nThis is what I think of ${w}.\nVisit our other newsletters\n${w}\n\n- Ann`,
    );
    const clean = withoutRecurringLines(
      texts,
      word.map((_, i) => i),
    );
    expect(clean[1]).toBe("about two\n\nThis is what I think of two.\ntwo");
  });

  it("stay when they are one campaign's", () => {
    const texts = word.map((w) => `about ${w}\n\nBuy this wonderful thing today\nCall now`);
    expect(
      withoutRecurringLines(
        texts,
        word.map(() => 0),
      ),
    ).toEqual(texts);
  });

  it("stay in the subject", () => {
    const texts = word.map((w) => `Monthly meeting of members\n\nIt will be on day ${w} of it.`);
    expect(
      withoutRecurringLines(
        texts,
        word.map((_, i) => i),
      ),
    ).toEqual(texts);
  });
});

describe("near-duplicates", () => {
  const base = "the quick brown fox jumps over the lazy dog and then it sleeps all day long in the sun";
  it("are found through case, digits and small changes, and through others", () => {
    const texts = [
      base,
      `${base.toUpperCase()} 42`,
      "something else altogether that is not like it",
      `${base} again`,
    ];
    expect([...groupNearDuplicates(texts, ["", "", "", ""])]).toEqual([0, 0, 2, 0]);
  });

  it("share a group when their key is the same", () => {
    expect([...groupNearDuplicates(["a b c", "d e f", "g h i"], ["k", "", "k"])]).toEqual([0, 1, 0]);
  });

  it("are never parted by the split, whatever the order of the rows", () => {
    const rows = Array.from({ length: 200 }, (_, i) => ({
      group: i % 60,
      label: i % 60 < 20 ? "a" : "b",
      text: `text ${i}`,
    }));
    const sides = splitGroups(rows, 0.25);
    for (let group = 0; group < 60; group++)
      expect(new Set(sides.filter((_, i) => rows[i].group === group)).size).toBe(1);
    const reversed = splitGroups([...rows].reverse(), 0.25).reverse();
    expect(reversed).toEqual(sides);
    expect(sides.filter((side) => side === "test").length).toBeGreaterThan(40);
  });
});
