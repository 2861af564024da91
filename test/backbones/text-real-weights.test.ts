import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { resolveBackbone } from "../../src/backbones/resolve-backbone.js";
import { cosine, encodeBoth, TEXTS } from "./text-fixtures.js";

const shared = join(import.meta.dirname, "../../../shared");
const checkpoint = join(shared, "models/all-MiniLM-L6-v2");
const script = join(import.meta.dirname, "../golden/families-text/real_weights.py");
const python = process.env.HEADSTART_PYTHON;

const missing = !existsSync(checkpoint)
  ? "../shared is absent"
  : python === undefined
    ? "HEADSTART_PYTHON names no Python with sentence-transformers"
    : null;

/** 500 real texts, evenly from three data sets, and the strange ones of the fixtures. */
function texts(): string[] {
  const real = ["mr.csv", "sst2.csv", "trec.csv"].flatMap((name) => {
    const rows = parse(readFileSync(join(shared, "data/text", name)), { columns: true }) as {
      text: string;
    }[];
    return Array.from({ length: 167 }, (_, i) => rows[Math.floor((i * rows.length) / 167)]!.text);
  });
  return [...real.slice(0, 500), ...TEXTS];
}

describe.skipIf(missing !== null)(
  `MiniLM against sentence-transformers${missing ? ` (skipped: ${missing})` : ""}`,
  () => {
    it("gives equal token ids and vectors for 500 real texts and the strange ones", async () => {
      const all = texts();
      const output = execFileSync(python!, [script, checkpoint], {
        input: JSON.stringify(all),
        maxBuffer: 2 ** 28,
        env: { ...process.env, HF_HUB_OFFLINE: "1" },
        stdio: ["pipe", "pipe", "ignore"],
      });
      const golden = JSON.parse(output.toString()) as { ids: number[]; vector: number[] }[];
      const { ids, together } = await encodeBoth(await resolveBackbone(checkpoint), all);
      let least = 1;
      for (const [i, text] of all.entries()) {
        expect([...ids[i]!], JSON.stringify(text)).toEqual(golden[i]!.ids);
        least = Math.min(least, cosine(together[i]!, golden[i]!.vector));
      }
      expect(golden.length).toBe(523);
      expect(least).toBeGreaterThanOrEqual(0.99999);
    }, 600_000);
  },
);
