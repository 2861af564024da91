import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import { fitCalibration } from "../../src/evaluation/calibration/fit-calibration.js";
import { argmaxRows } from "../../src/heads/argmax.js";
import { calibratedHead } from "../../src/heads/calibrated-head.js";
import { type FittedHead, fitHead } from "../../src/heads/head.js";
import { headToOnnx, loadHead, probabilitySlack, verifyHead } from "../../src/heads/head-onnx.js";
import { HEAD_KEY, SAMPLE_KEY } from "../../src/heads/head-record.js";
import { encodeLabels } from "../../src/heads/labels.js";
import { encodeLabelSets } from "../../src/heads/multi-label/label-sets.js";
import { fitMultiLabelHead } from "../../src/heads/multi-label/multi-label-head.js";
import { multiLabelToOnnx, verifyMultiLabelHead } from "../../src/heads/multi-label/multi-label-onnx.js";
import { sampleOfMultiLabelHead } from "../../src/heads/multi-label/sample-of-multi-label-head.js";
import { HEADS } from "../../src/heads/registry.js";
import type { HeadSample } from "../../src/heads/sample/head-sample.js";
import { rowsInTurn } from "../../src/heads/sample/rows-in-turn.js";
import { readContent } from "../../src/heads/sample/sample-content.js";
import { sampleOfHead } from "../../src/heads/sample/sample-of-head.js";
import { matrix, selectRows } from "../../src/linalg/matrix.js";
import { decodeModel } from "../../src/onnx/decode-model.js";
import { encodeModel } from "../../src/onnx/encode-model.js";
import { temporaryFolder } from "../data/temporary-folder.js";
import { alteredModel } from "./altered-model.js";
import { linearGolden } from "./linear-golden.js";

const META = { fingerprint: "f", backbone: null, metrics: null };
const iris = linearGolden("iris");
const cancer = linearGolden("breast-cancer");
const python = process.env.HEADSTART_PYTHON;
const { path: folder } = temporaryFolder();

const quick = (name: string): Record<string, unknown> => {
  if (name === "gradient-boosting") return { maxIter: 5 };
  if (name === "mlp") return { epochs: 15 };
  return /forest|trees/.test(name) ? { nEstimators: 12 } : {};
};

async function checked(bytes: Uint8Array) {
  const loaded = await loadHead(bytes);
  return loaded.checkSample().finally(() => loaded.release());
}

function withSample(bytes: Uint8Array, change: (text: string) => string | null): Uint8Array {
  const model = decodeModel(bytes);
  const { [SAMPLE_KEY]: text, ...rest } = model.metadata;
  const changed = change(text!);
  return encodeModel({ ...model, metadata: { ...rest, ...(changed !== null && { [SAMPLE_KEY]: changed }) } });
}

const stored = (bytes: Uint8Array): HeadSample => JSON.parse(decodeModel(bytes).metadata[SAMPLE_KEY]!);

describe.each(Object.keys(HEADS))("the sample of %s", (name) => {
  const set = quick(name);
  const fit = (): Promise<FittedHead> =>
    fitHead({ name, set, scale: "standard", pca: 3, seed: 2 }, iris.X, iris.y);

  it("is training rows of each class, that the file answers as memory does; another file is refused", async () => {
    const head = await fit();
    const sample = sampleOfHead(head, iris.X, iris.y)!;
    const bytes = headToOnnx(head, { ...META, sample });
    await verifyHead(head, bytes, iris.X);
    const { codes } = iris.y;
    const rows = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => {
      const ofClass = [...codes.keys()].filter((row) => codes[row] === i % 3);
      return ofClass[Math.floor(i / 3)]!;
    });
    expect(readContent(sample.content).data).toEqual(Float32Array.from(selectRows(iris.X, rows).data));
    expect(sample.labels).toEqual(head.predict(selectRows(iris.X, rows)));
    expect(sample.probabilities === null).toBe(head.probabilities === null);
    const found = await checked(bytes);
    expect(found!.rows).toBe(8);
    expect(found!.largestDifference).toBeLessThan(2e-5);
    const again = await fit();
    expect(headToOnnx(again, { ...META, sample: sampleOfHead(again, iris.X, iris.y) })).toEqual(bytes);
    await expect(checked(alteredModel(bytes))).rejects.toMatchObject({
      code: "model",
      message: expect.stringMatching(/not answer as it did when it was trained: row \d of its sample/),
      hint: expect.stringContaining("train the head again"),
      facts: { row: expect.any(Number) },
    });
  });

  it("of several labels tells what is given, too", async () => {
    const rng = random(3);
    const X = matrix(
      Float32Array.from({ length: 90 * 5 }, () => rng.next() * 2 - 1),
      90,
      5,
    );
    const named = Array.from({ length: 90 }, (_, i) =>
      ["a", "b", "c"].filter((_label, k) => X.data[i * 5 + k]! > 0.2),
    );
    const sets = encodeLabelSets(named);
    const head = await fitMultiLabelHead({ name, set, seed: 3 }, X, sets);
    const sample = sampleOfMultiLabelHead(head, X, sets);
    const bytes = multiLabelToOnnx(head, { ...META, sample });
    await verifyMultiLabelHead(head, bytes, X);
    expect(sample!.decided).toEqual(sample!.scores.map((row) => row.map((score) => Number(score > 0))));
    expect(sample!.content.rows).toBe(8);
    expect((await checked(bytes))!.largestDifference).toBeLessThan(2e-5);
    await expect(checked(alteredModel(bytes))).rejects.toMatchObject({ code: "model" });
    const turned = withSample(bytes, (text) =>
      JSON.stringify({
        ...JSON.parse(text),
        decided: sample!.decided!.map((row) => row.map((one) => 1 - one)),
      }),
    );
    await expect(checked(turned)).rejects.toThrow(/row 0 of its sample is (not )?given 'a'/);
  });
});

describe("a sample", () => {
  it.each([
    ["platt", null],
    ["isotonic", null],
    ["isotonic", { positive: 1, value: 0.5 }],
  ] as const)("has calibrated probabilities, of rows that rounding does not move: %s, threshold %j", async (method, threshold) => {
    const { X, y } = cancer;
    const plain = await fitHead({ name: "linear-svm", scale: "standard", pca: 6 }, X, y);
    const calibration = fitCalibration(method, plain.scores(X), y.codes);
    const head = calibratedHead(plain, { calibration, threshold });
    const sample = sampleOfHead(head, X, y)!;
    const bytes = headToOnnx(head, { ...META, sample });
    expect((await checked(bytes))!.rows).toBe(8);
    const rows = readContent(sample.content);
    expect(Math.max(...probabilitySlack(head, head.scores(rows))!)).toBeLessThan(1e-4);
    expect(sample.labels).toEqual(head.predict(rows));
    sample.probabilities!.forEach((row, i) => {
      row.forEach((p, k) => {
        expect(p).toBeCloseTo(head.probabilities!(rows).data[2 * i + k]!, 8);
      });
    });
    const other = fitCalibration(method === "platt" ? "isotonic" : "platt", plain.scores(X), y.codes);
    const changed = headToOnnx(calibratedHead(plain, { calibration: other, threshold }), { ...META, sample });
    await expect(checked(changed)).rejects.toThrow(/row \d of its sample has the probability/);
  });

  it("passes over rows on the step of a map", async () => {
    const { X, y } = cancer;
    const plain = await fitHead({ name: "ridge" }, X, y);
    const scores = plain.scores(X).data;
    const first = scores[1]! - scores[0]!;
    const map = {
      kind: "isotonic",
      x: Float64Array.of(first - 1e-9, first + 1e-9),
      y: Float64Array.of(0.1, 0.9),
    } as const;
    const head = calibratedHead(plain, { calibration: { method: "isotonic", maps: [map] }, threshold: null });
    expect(probabilitySlack(head, head.scores(selectRows(X, [0])))![0]).toBeGreaterThan(0.1);
    const rows = readContent(sampleOfHead(head, X, y)!.content);
    expect(rows.rows).toBe(8);
    expect(Array.from(rows.data)).not.toEqual(expect.arrayContaining(Array.from(X.data.slice(0, X.cols))));
  });

  it("is of fewer rows where they are wide, and of none where one is too much", async () => {
    const sampleOf = async (cols: number) => {
      const rng = random(1);
      const X = matrix(
        Float32Array.from({ length: 6 * cols }, () => rng.next()),
        6,
        cols,
      );
      const y = encodeLabels(["a", "b", "a", "b", "a", "b"]);
      const head = await fitHead({ name: "nearest-centroid", scale: "none" }, X, y);
      const sample = sampleOfHead(head, X, y);
      return { sample, found: await checked(headToOnnx(head, { ...META, sample })) };
    };
    expect((await sampleOf(3000)).found!.rows).toBe(6);
    expect((await sampleOf(6000)).found!.rows).toBe(4);
    const wide = await sampleOf(20_000);
    expect(wide.found!.rows).toBe(1);
    expect(JSON.stringify(wide.sample).length).toBeLessThan(110_000);
    expect(await sampleOf(24_576)).toEqual({ sample: null, found: null });
  });

  it("is not needed: older files work, and say that they have none", async () => {
    const head = await fitHead({ name: "linear-svm" }, iris.X, iris.y);
    const bytes = headToOnnx(head, { ...META, sample: sampleOfHead(head, iris.X, iris.y) });
    const older = withSample(bytes, () => null);
    expect(older).toEqual(headToOnnx(head, META));
    expect(await checked(older)).toBeNull();
  });

  it.each<[string, (sample: HeadSample) => unknown, RegExp]>([
    ["no JSON", () => undefined, /damaged at ''/],
    ["no labels", ({ labels: _, ...rest }) => rest, /'labels'/],
    ["too few labels", (s) => ({ ...s, labels: s.labels.slice(1) }), /'labels': 7 for 8 rows/],
    [
      "too few scores",
      (s) => ({ ...s, scores: s.scores.map((row) => row.slice(1)) }),
      /'scores': expected \[8, 3\]/,
    ],
    [
      "another width",
      (s) => ({ ...s, content: { ...s.content, dim: 5 } }),
      /'content.dim': 5, the head takes 4/,
    ],
    ["too few bytes", (s) => ({ ...s, content: { ...s.content, float32: "AAAA" } }), /3 bytes for \[8, 4\]/],
  ])("that is damaged is a named error: %s", async (_, change, message) => {
    const head = await fitHead({ name: "linear-svm" }, iris.X, iris.y);
    const bytes = headToOnnx(head, { ...META, sample: sampleOfHead(head, iris.X, iris.y) });
    const file = withSample(bytes, (text) => JSON.stringify(change(JSON.parse(text))) ?? "{");
    await expect(checked(file)).rejects.toMatchObject({
      code: "format",
      message: expect.stringMatching(message),
    });
  });

  it("tells other labels, and a lack of probabilities", async () => {
    const head = await fitHead({ name: "logistic-regression" }, iris.X, iris.y);
    const bytes = headToOnnx(head, { ...META, sample: sampleOfHead(head, iris.X, iris.y) });
    const edited = (change: (sample: HeadSample) => object) =>
      checked(
        withSample(bytes, (text) => JSON.stringify({ ...JSON.parse(text), ...change(JSON.parse(text)) })),
      );
    await expect(edited(({ labels }) => ({ labels: labels.toReversed() }))).rejects.toThrow(
      /row \d of its sample is '/,
    );
    await expect(edited(() => ({ probabilities: null }))).rejects.toThrow(/its graph has the output/);
    const { metadata } = decodeModel(bytes);
    expect(Object.keys(metadata).sort()).toEqual(["headstart.fingerprint", HEAD_KEY, SAMPLE_KEY]);
    expect(stored(bytes).labels).toEqual(
      Array.from(argmaxRows(head.scores(readContent(stored(bytes).content))), (code) => head.classes[code]),
    );
  });

  it("takes rows of all groups in turn", () => {
    expect(rowsInTurn([2, 2, 2, 0, 1, 0, 2], 5)).toEqual([3, 4, 0, 5, 1]);
    expect(rowsInTurn([-1, 4, 4], 8)).toEqual([0, 1, 2]);
    expect(rowsInTurn([], 8)).toEqual([]);
    expect(
      rowsInTurn(
        Int32Array.from({ length: 50 }, (_, i) => i),
        8,
      ),
    ).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});

const READS_SAMPLE = `
import base64, json, sys, numpy as np, onnxruntime as ort
s = ort.InferenceSession(sys.argv[1])
r = json.loads(s.get_modelmeta().custom_metadata_map["headstart.sample"])
c = r["content"]
X = np.frombuffer(base64.b64decode(c["float32"]), "<f4").reshape(c["rows"], c["dim"])
label, scores, p = s.run(["label", "scores", "probabilities"], {"embedding": X})
assert label.tolist() == r["labels"], (label, r["labels"])
worst = max(np.abs(scores - np.array(r["scores"])).max(), np.abs(p - np.array(r["probabilities"])).max())
assert worst <= r["tolerance"]
print(len(X), worst)
`;

describe("in Python", () => {
  it.skipIf(python === undefined)(
    "a head answers its own sample (skipped without HEADSTART_PYTHON)",
    async () => {
      for (const name of ["logistic-regression", "random-forest", "mlp"]) {
        const head = await fitHead({ name, set: quick(name) }, cancer.X, cancer.y);
        const file = join(folder, `${name}.onnx`);
        writeFileSync(file, headToOnnx(head, { ...META, sample: sampleOfHead(head, cancer.X, cancer.y) }));
        const ran = spawnSync(python!, ["-c", READS_SAMPLE, file], { encoding: "utf8", timeout: 60_000 });
        expect(ran.stderr).toBe("");
        const [rows, worst] = ran.stdout.split(" ").map(Number);
        expect(rows).toBe(8);
        expect(worst).toBeLessThan(1e-5);
      }
    },
  );
});
