import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { loadHead } from "../../src/heads/head-onnx.js";
import * as headstart from "../../src/index.js";
import { matrix } from "../../src/linalg/matrix.js";
import { compareAnswers } from "../../src/pipeline/export/compare-answers.js";
import { probabilityRange } from "../../src/pipeline/export/probability-range.js";
import { REVIEWS } from "./reviews.js";
import { workplace } from "./run-cli.js";

const { path, write } = workplace();
const at = (name: string): string => join(path, name);

beforeAll(async () => {
  write("x.jsonl", REVIEWS.map((row) => JSON.stringify(row)).join("\n"));
  await headstart.embed({ input: at("x.jsonl"), out: at("x.arrow"), text: "review" });
});

describe("a calibrated head fused with its backbone", () => {
  it.each([
    ["platt", undefined],
    ["isotonic", undefined],
    ["isotonic", { metric: "recall", value: 0.95 }],
  ] as const)("answers alike: %s, threshold %j", async (calibrate, threshold) => {
    const name = `${calibrate}-${threshold ? "threshold" : "plain"}`;
    const trained = await headstart.train({
      ...{ embeddings: at("x.arrow"), out: at(`${name}.onnx`), head: "linear-svm", cv: 3, calibrate },
      ...(threshold && { threshold, positive: "bad" }),
    });
    expect(trained.calibration!.method).toBe(calibrate);
    const exported = await headstart.exportHead({ head: at(`${name}.onnx`), out: at(`${name}.fused.onnx`) });
    expect(exported.sample.largestDifference).toBeLessThan(1e-4);
    expect(exported.outputs.map((output) => output.name)).toEqual(["label", "scores", "probabilities"]);
  });

  it("may have probabilities from both sides of a step, where scores differ by rounding, and no others", async () => {
    const bytes = readFileSync(at("isotonic-threshold.onnx"));
    const head = await loadHead(bytes);
    const range = (await probabilityRange(bytes, head))!;
    const { X } = await headstart.readEmbeddings(at("x.arrow"));
    const apart = await head.run(matrix(X.data.slice(0, 4 * X.cols), 4, X.cols));
    const scores = { ...apart.scores, data: apart.scores.data.map((score) => score + 1e-6) };
    const allowed = await range.of(apart.scores, scores);
    apart.probabilities!.data.forEach((p, k) => {
      expect(p).toBeGreaterThanOrEqual(allowed.low[k]! - 1e-6);
      expect(p).toBeLessThanOrEqual(allowed.high[k]! + 1e-6);
    });
    const moved = (by: number) => ({
      ...apart,
      probabilities: { ...apart.probabilities!, data: apart.probabilities!.data.map((p) => p + by) },
    });
    const wide = { low: allowed.low.map((p) => p - 0.2), high: allowed.high.map((p) => p + 0.2) };
    expect(() => compareAnswers(apart, moved(0.15))).toThrow(/probabilities/);
    expect(compareAnswers(apart, moved(0.15), wide)).toBeLessThan(1e-4);
    expect(() => compareAnswers(apart, moved(0.25), wide)).toThrow(/probabilities/);
    await range.release();
    await head.release();
    const plain = readFileSync(at("platt-plain.onnx"));
    const other = await loadHead(plain);
    expect(
      await probabilityRange(plain, { ...other, meta: { ...other.meta, calibration: undefined } as never }),
    ).toBeNull();
    await other.release();
  });
});
