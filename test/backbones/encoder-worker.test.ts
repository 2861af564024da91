import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Encoder } from "../../src/backbones/backbone.js";
import { openEncoder } from "../../src/backbones/encoder.js";
import { fittingSessions } from "../../src/backbones/fitting-sessions.js";
import { openEncoders } from "../../src/backbones/open-encoders.js";
import { cpuCount } from "../../src/core/cpu-count.js";
import { packageRoot } from "../../src/core/package-root.js";
import { random } from "../../src/core/random.js";
import { colourGraph, greedyTextGraph, textGraph, textShape } from "./encoder-graphs.js";

const built = existsSync(join(packageRoot(), "dist/src/backbones/encoder-worker.js"));

function texts(count: number, seed = 1): Int32Array[] {
  const rng = random(seed);
  return Array.from({ length: count }, () =>
    Int32Array.from({ length: 1 + rng.integer(9) }, () => rng.integer(50)),
  );
}

async function withEncoder<T>(
  graph: Uint8Array,
  dim: number,
  options: NonNullable<Parameters<typeof openEncoders>[2]>,
  use: (encoder: Encoder) => Promise<T>,
): Promise<T> {
  const encoder = await openEncoders(graph, textShape(dim), options);
  try {
    return await use(encoder);
  } finally {
    await encoder.release();
  }
}

describe.skipIf(!built)("an encoder in a thread of its own (skipped: dist/ not built)", () => {
  const graph = textGraph(8, 1);

  it("gives the same bits as one in this thread, whatever is under way at once", async () => {
    const batches = Array.from({ length: 9 }, (_, i) => texts(1 + i * 3, i));
    const here = await openEncoder(graph, textShape(8), { threads: 1 });
    for (const sessions of [1, 3]) {
      await withEncoder(graph, 8, { threads: 1, sessions }, async (encoder) => {
        expect(encoder).toMatchObject({ sessions, threads: 1, device: "cpu" });
        const encoded = await Promise.all(batches.map((batch) => encoder.encodeTexts(batch)));
        for (const [i, batch] of batches.entries()) expect(encoded[i]).toEqual(await here.encodeTexts(batch));
        expect(encoder.ranSeconds!()).toBeGreaterThan(0);
      });
    }
    // What went over there was a copy.
    expect(batches[3]).toEqual(texts(10, 3));
    await here.release();
  });

  it("opens as many sessions as fit the processors, one where threads are set or weights are large", async () => {
    const processors = cpuCount();
    const opened = (options: Parameters<typeof openEncoders>[2]) =>
      withEncoder(graph, 8, { sessions: "fitting", ...options }, async (encoder) => {
        expect(await encoder.encodeTexts(texts(3))).toHaveLength(24);
        return { sessions: encoder.sessions, threads: encoder.threads };
      });
    const { sessions, threads } = await opened({});
    expect(sessions).toBe(fittingSessions(graph.byteLength, { processors, memory: 2 ** 36 }).sessions);
    expect(sessions! * threads).toBeLessThanOrEqual(processors);
    expect(await opened({ device: "cpu" })).toEqual({ sessions, threads });
    expect(await opened({ weightBytes: 2 ** 31 })).toEqual({ sessions: 1, threads: processors });
    expect(await opened({ threads: 1 })).toEqual({ sessions: 1, threads: 1 });
    // Sessions that are asked for share the processors, too.
    expect(await opened({ sessions: processors + 1 })).toEqual({ sessions: processors + 1, threads: 1 });
  });

  it("asks the first session what `auto` is", () =>
    withEncoder(graph, 8, { sessions: "fitting", device: "auto" }, async (encoder) => {
      const { sessions } = fittingSessions(graph.byteLength, { processors: cpuCount(), memory: 2 ** 36 });
      expect(encoder.sessions).toBe(encoder.device === "cpu" ? sessions : 1);
    }));

  it("takes images, which are not copied once more there", async () => {
    const shape = { dim: 3, image: { width: 4, height: 4 }, padId: 0, readsMask: true };
    const images = Array.from({ length: 5 }, (_, i) => Float32Array.from({ length: 48 }, (_, j) => i + j));
    const here = await openEncoder(colourGraph(), shape, { threads: 1 });
    const there = await openEncoders(colourGraph(), shape, { threads: 1, sessions: 1 });
    const expected = await here.encodeImages(images);
    expect(await there.encodeImages(images)).toEqual(expected);
    expect(await there.encodeImages(images.slice(0, 2))).toEqual(expected.slice(0, 6));
    expect(await there.encodeImages(images)).toEqual(expected);
    await Promise.all([here.release(), there.release()]);
  });

  it("leaves this thread free while it runs", async () => {
    const long = Array.from({ length: 16 }, (_, row) => new Int32Array(256).fill(row));
    const ticksDuring = (sessions: number) =>
      withEncoder(textGraph(512, 12), 512, { threads: 1, sessions }, async (encoder) => {
        let ticks = 0;
        const timer = setInterval(() => ticks++, 5);
        await encoder.encodeTexts(long);
        clearInterval(timer);
        return ticks;
      });
    expect(await ticksDuring(0)).toBeLessThanOrEqual(1);
    expect(await ticksDuring(1)).toBeGreaterThan(3);
  });

  it("answers what is under way before it is released, and nothing afterwards", async () => {
    const encoder = await openEncoders(graph, textShape(8), { threads: 1, sessions: 1 });
    const under = [encoder.encodeTexts(texts(4)), encoder.encodeTexts(texts(5))];
    const released = encoder.release();
    expect((await Promise.all(under)).map(({ length }) => length)).toEqual([32, 40]);
    await released;
    await encoder.release();
    await expect(encoder.encodeTexts(texts(1))).rejects.toMatchObject({ code: "provider" });
  });

  it("fails as one in this thread does: with code, facts and hint", async () => {
    const broken = openEncoders(new Uint8Array(9), textShape(8), { sessions: 2 });
    await expect(broken).rejects.toMatchObject({ name: "HeadstartError", code: "model" });
    const absent = openEncoders(graph, textShape(8), { sessions: 1, device: "coreml" });
    await expect(absent).rejects.toMatchObject({ code: "provider", facts: { device: "coreml" } });
    await withEncoder(graph, 8, { sessions: 1 }, async (encoder) => {
      await expect(encoder.encodeImages([new Float32Array(3)])).rejects.toMatchObject({ code: "usage" });
      // And goes on.
      expect(await encoder.encodeTexts(texts(2))).toHaveLength(16);
    });
  });

  it("says when memory does not suffice", async () => {
    await withEncoder(greedyTextGraph(8), 8, { sessions: 1, threads: 1 }, async (encoder) => {
      expect(await encoder.encodeTexts(texts(2))).toHaveLength(16);
      await expect(encoder.encodeTexts(texts(8))).rejects.toMatchObject({
        code: "model",
        facts: { outOfMemory: true },
      });
      expect(await encoder.encodeTexts(texts(2))).toHaveLength(16);
    });
  });
});
