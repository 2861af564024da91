import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openDataset } from "../../src/data/open-dataset.js";

describe("a table with two columns that could be the label", () => {
  it("is an error where labels are wanted, and is read without one where they are not", async () => {
    const path = join(await mkdtemp(join(tmpdir(), "headstart-labels-")), "rows.csv");
    await writeFile(path, "text,sentiment,class\nA fine evening out.,good,a\nNever again.,bad,b\n");
    await expect(openDataset(path, {})).rejects.toThrow(/could all be the label column/);
    const { columns } = await openDataset(path, { labels: "optional" });
    expect(columns).toMatchObject({ content: "text", label: null });
  });
});
