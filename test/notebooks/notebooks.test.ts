import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const folder = join(root, "notebooks");
const run = promisify(execFile);

interface Notebook {
  cells: { cell_type: string; source: string[]; outputs?: unknown[] }[];
}

describe("notebooks", async () => {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".ipynb"));

  it("are there", () => {
    expect(names.length).toBeGreaterThan(0);
  });

  it.each(names)("%s runs from its first cell to its last", async (name) => {
    const out = await mkdtemp(join(tmpdir(), "headstart-notebook-"));
    const { cells } = JSON.parse(await readFile(join(folder, name), "utf8")) as Notebook;
    const code = cells.filter((cell) => cell.cell_type === "code").map((cell) => cell.source.join(""));
    const library = pathToFileURL(join(root, "dist/src/index.js")).href;
    const script = join(out, "cells.mjs");
    await writeFile(script, code.join("\n").replaceAll('from "headstart"', `from "${library}"`));
    const { stdout } = await run(process.execPath, [script], {
      cwd: root,
      env: { ...process.env, NOTEBOOK_OUT: out },
    });
    expect(stdout).toContain("3380 rows of 512 numbers");
    expect(stdout).toMatch(/wonderful 1\.00/);
    expect(existsSync(join(out, "logistic-regression.onnx"))).toBe(true);
    await rm(out, { recursive: true });
  });

  it("are stored without outputs, so that they show nothing that was not run", async () => {
    for (const name of names) {
      const { cells } = JSON.parse(await readFile(join(folder, name), "utf8")) as Notebook;
      expect(cells.flatMap((cell) => cell.outputs ?? [])).toEqual([]);
    }
  });
});
