import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openDataset } from "../../src/data/open-dataset.js";

const folder = await mkdtemp(join(tmpdir(), "headstart-delimiters-"));

async function textsOf(
  name: string,
  table: string,
): Promise<{ texts: string[]; guesses: readonly string[] }> {
  const path = join(folder, name);
  await writeFile(path, table);
  const dataset = await openDataset(path, {});
  const texts: string[] = [];
  for await (const row of dataset.rows()) {
    if (row.state === "row" && row.content.kind === "text") texts.push(`${row.content.text} / ${row.label}`);
  }
  return { texts, guesses: dataset.guesses };
}

describe("a CSV file whose header has no comma", () => {
  it.each([";", "\t", "|"])("is read by what separates it: %j, and says so", async (delimiter) => {
    const lines = [
      ["text", "label"],
      ["mild, not sharp", "good"],
      ["too salty", "bad"],
    ];
    const { texts, guesses } = await textsOf(
      "other.csv",
      `${lines.map((line) => line.join(delimiter)).join("\n")}\n`,
    );
    expect(texts).toEqual(["mild, not sharp / good", "too salty / bad"]);
    expect(guesses[0]).toBe(`separator: ${JSON.stringify(delimiter)} (the header has no comma)`);
  });

  it("stays as it is where there is one column only", async () => {
    const { texts, guesses } = await textsOf("one.csv", "text\nmild; not sharp\n");
    expect(texts).toEqual(["mild; not sharp / null"]);
    expect(guesses.some((guess) => guess.startsWith("separator"))).toBe(false);
  });
});
