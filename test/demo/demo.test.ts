import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { inspect } from "../../src/pipeline/inspect.js";
import { blocksOf } from "../readme/blocks.js";

const root = join(import.meta.dirname, "../..");
const run = promisify(execFile);

/** A row of the demo's table: its figures in per cent. */
function figures(line: string): number[] {
  return [...line.matchAll(/([\d.]+)%/g)].map((match) => Number(match[1]));
}

describe("npm run demo", () => {
  it("trains heads that beat the floor, shows where the files are, and what the README shows", async () => {
    const { stdout, stderr } = await run("npm", ["run", "--silent", "demo"], {
      cwd: root,
      shell: process.platform === "win32",
    });
    expect(stderr.replace(/^npm warn Unknown user config.*\n/gm, "")).toBe("");
    const rows = stdout.split("\n").filter((line) => / (svm|random-forest) /.test(line));
    expect(rows.length).toBe(10);
    const same = rows.filter((line) => !line.startsWith(" "));
    for (const row of same) {
      const [crossValidated, held, low, high, floor] = figures(row) as [
        number,
        number,
        number,
        number,
        number,
      ];
      expect(held).toBeGreaterThan(floor + 15);
      expect(low).toBeLessThan(held);
      expect(high).toBeGreaterThan(held);
      expect(Math.abs(crossValidated - held)).toBeLessThan(10);
    }
    for (const set of ["words", "mail", "emoji"]) {
      const embeddings = await inspect(join(root, "out/demo", set, "embeddings.arrow"));
      expect(embeddings.kind).toBe("embeddings");
      for (const head of ["svm", "random-forest"]) {
        const file = await inspect(join(root, "out/demo", set, `${head}.onnx`));
        expect(file.kind === "head" && file.fingerprint).toBe(embeddings.fingerprint);
      }
    }
    expect(stdout).toContain("npx headstart predict");

    // Accuracies depend on the processor's rounding by a row or two; the README's must be these.
    const readme = await readFile(join(root, "README.md"), "utf8");
    const shown = blocksOf(readme)
      .filter((block) => block.language === "text")
      .flatMap((block) => block.text.split("\n"))
      .filter((line) => / (svm|random-forest) /.test(line));
    expect(shown.length).toBe(rows.length);
    for (const [i, line] of shown.entries()) {
      for (const [k, value] of figures(line).entries()) {
        expect(Math.abs(value - figures(rows[i]!)[k]!), rows[i]).toBeLessThanOrEqual(1.5);
      }
    }
  }, 300_000);
});
