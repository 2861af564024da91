import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.js";
import { embedDataset } from "../../src/embeddings/index.js";
import { textGraph } from "../backbones/encoder-graphs.js";
import { backboneOn } from "./real-encoder.js";
import { datasetOf, textRows } from "./tiny-backbone.js";

const built = existsSync(join(packageRoot(), "dist/src/backbones/encoder-worker.js"));

it.skipIf(!built)(
  "an interruption is heard within a batch, not within a window (skipped: no dist/)",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "headstart-abort-"));
    try {
      const backbone = backboneOn(textGraph(512, 4), 512);
      const dataset = datasetOf(textRows(1000));
      const abort = new AbortController();
      let encoded = 0;
      let aborted = 0;
      const open: typeof backbone.open = async (options) => {
        const encoder = await backbone.open(options);
        return {
          ...encoder,
          async encodeTexts(batch) {
            const vectors = await encoder.encodeTexts(batch);
            encoded++;
            return vectors;
          },
        };
      };
      const run = embedDataset({
        dataset,
        backbone: { ...backbone, open },
        out: join(folder, "x.arrow"),
        signal: abort.signal,
        onProgress() {
          if (abort.signal.aborted || encoded < 2) return;
          aborted = encoded;
          abort.abort();
        },
      });
      await expect(run).rejects.toMatchObject({ code: "interrupted" });
      // 1,000 texts of 20 tokens are 40 batches of one window; those under way are waited for, and no others begin.
      expect(aborted).toBeLessThan(5);
      expect(encoded - aborted).toBeLessThanOrEqual(2);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);
