import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { writeFileAtomic } from "../../src/core/atomic-file.js";

const folder = mkdtempSync(join(tmpdir(), "headstart-atomic-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("a file that several write at once is one of theirs, whole, and nothing is left beside it", async () => {
  const path = join(folder, "state.json");
  const contents = Array.from({ length: 8 }, (_, i) => String(i).repeat(100_000 + i));
  await Promise.all(contents.map((content) => writeFileAtomic(path, content)));
  expect(contents).toContain(readFileSync(path, "utf8"));
  expect(readdirSync(folder)).toEqual(["state.json"]);
});

it("a folder that is a file is refused, naming the path", async () => {
  const path = join(folder, "state.json", "inner.json");
  await expect(writeFileAtomic(path, "{}")).rejects.toMatchObject({ code: "io", facts: { path } });
});
