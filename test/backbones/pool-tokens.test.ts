import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Pooling } from "../../src/backbones/backbone.js";
import { l2Normalize } from "../../src/backbones/graph/l2-normalize.js";
import { poolTokens } from "../../src/backbones/graph/pool-tokens.js";
import { encodeModel, graphBuilder, openSession, type Session } from "../../src/onnx/index.js";

const DIM = 3;

function poolingSession(pooling: Pooling, normalize: boolean, opset: number): Promise<Session> {
  const g = graphBuilder({ name: "pool", opset });
  const states = g.input("states", "float32", ["batch", "tokens", DIM]);
  const mask = g.input("mask", "int64", ["batch", "tokens"]);
  const pooled = poolTokens(g, states, mask, pooling, opset);
  g.output(normalize ? l2Normalize(g, pooled, opset) : pooled, "embedding", "float32", ["batch", DIM]);
  return openSession(encodeModel(g.build()), { threads: 1 });
}

/** Rows of token states, padded on the right with `padding` to the longest. */
async function pool(session: Session, rows: number[][][], padding: number): Promise<number[][]> {
  const tokens = Math.max(1, ...rows.map((row) => row.length));
  const states = new Float32Array(rows.length * tokens * DIM).fill(padding);
  const mask = new Int32Array(rows.length * tokens);
  rows.forEach((row, i) => {
    row.forEach((token, t) => {
      states.set(token, (i * tokens + t) * DIM);
      mask[i * tokens + t] = 1;
    });
  });
  const out = await session.run({
    states: { dtype: "float32", data: states, dims: [rows.length, tokens, DIM] },
    mask: { dtype: "int64", data: mask, dims: [rows.length, tokens] },
  });
  const data = out.embedding!.data as Float32Array;
  return rows.map((_, i) => [...data.subarray(i * DIM, (i + 1) * DIM)]);
}

/** Pooling in plain arithmetic, on one row without padding. */
function expected(pooling: Pooling, row: number[][]): number[] {
  const column = (j: number): number[] => row.map((token) => Math.fround(token[j]!));
  return [0, 1, 2].map((j) => {
    const values = column(j);
    if (pooling === "cls") return values[0]!;
    if (pooling === "last") return values.at(-1)!;
    if (pooling === "max") return Math.max(...values);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  });
}

const token = fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: DIM, maxLength: DIM });
const batch = fc.array(fc.array(token, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 });

describe.each([11, 13, 17, 18])("pooling in the graph, operator set %i", (opset) => {
  it.each(["mean", "cls", "max", "last"] as const)("%s ignores padding and neighbours", async (pooling) => {
    if (pooling === "last" && opset < 12) return; // GatherND's batch_dims came with operator set 12
    const session = await poolingSession(pooling, false, opset);
    await fc.assert(
      fc.asyncProperty(batch, fc.constantFrom(0, 1000, -1000), async (rows, padding) => {
        const pooled = await pool(session, rows, padding);
        rows.forEach((row, i) => {
          expected(pooling, row).forEach((value, j) => {
            expect(Math.abs(pooled[i]![j]! - value)).toBeLessThan(1e-5);
          });
        });
      }),
      { numRuns: 60, seed: 11 },
    );
    await session.release();
  });
});

describe("normalisation", () => {
  it("gives length 1, and zeros for a row that is all padding", async () => {
    const session = await poolingSession("mean", true, 17);
    const [some, none] = await pool(session, [[[3, 0, 4]], []], 9);
    await session.release();
    expect(some!.map((value) => Math.round(value * 1e6) / 1e6)).toEqual([0.6, 0, 0.8]);
    expect(none).toEqual([0, 0, 0]);
  });
});
