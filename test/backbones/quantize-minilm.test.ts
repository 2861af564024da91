import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { listTaps } from "../../src/backbones/graph/list-taps.js";
import { openCheckpoint } from "../../src/backbones/open-checkpoint.js";
import { packageRoot } from "../../src/core/package-root.js";
import { quantizeBackbone } from "../../src/pipeline/backbones/backbones-quantize.js";

const shared = join(packageRoot(), "../shared");
const checkpoint = join(shared, "models/all-MiniLM-L6-v2");
const sentences = join(shared, "data/text/mr.csv");
const missing = existsSync(checkpoint) && existsSync(sentences) ? null : "../shared is absent";

describe.skipIf(missing !== null)(
  `An int8 variant of MiniLM${missing ? ` (skipped: ${missing})` : ""}`,
  () => {
    it("stays close to fp32 on sentences of reviews, and no vector depends on its neighbours", async () => {
      const folder = mkdtempSync(join(tmpdir(), "headstart-minilm-"));
      try {
        const some = join(folder, "some.csv");
        const rows = readFileSync(sentences, "utf8").split("\n");
        writeFileSync(some, [rows[0], ...rows.slice(1).filter((_, i) => i % 40 === 0)].join("\n"));
        const { measured, layers, weights, source } = await quantizeBackbone(checkpoint, {
          out: join(folder, "int8"),
          calibrate: some,
        });
        expect(layers.quantized).toBe(36);
        expect(measured.rows).toBeGreaterThan(150);
        expect(measured.cosineMean).toBeGreaterThan(0.995);
        expect(measured.cosineMin).toBeGreaterThan(0.98);
        expect(measured.neighbourInfluence).toBeLessThan(1e-5);
        expect(weights.bytes).toBeLessThan(0.3 * source.bytes);
        const places = async (at: string, precision: "fp32" | "int8") =>
          listTaps((await openCheckpoint(at, { precision })).file.model).map(({ block, name }) => ({
            block,
            name,
          }));
        expect(await places(join(folder, "int8"), "int8")).toEqual(await places(checkpoint, "fp32"));
        // Speed is reported and not asserted: other work on the machine would fail the test.
        expect(measured.speedRatio).toBeGreaterThan(0);
      } finally {
        rmSync(folder, { recursive: true });
      }
    }, 300_000);
  },
);
