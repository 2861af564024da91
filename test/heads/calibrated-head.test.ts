import { describe, expect, it } from "vitest";
import { fitCalibration } from "../../src/evaluation/calibration/fit-calibration.js";
import { argmaxRows } from "../../src/heads/argmax.js";
import { calibratedHead } from "../../src/heads/calibrated-head.js";
import type { CalibrationMethod } from "../../src/heads/calibration-map.js";
import { fitHead } from "../../src/heads/head.js";
import { headToOnnx, loadHead, verifyHead } from "../../src/heads/head-onnx.js";
import { selectRows } from "../../src/linalg/matrix.js";
import { linearGolden } from "./linear-golden.js";

const META = { fingerprint: "0123abcd", backbone: null, metrics: null };
const HEADS = ["linear-svm", "logistic-regression", "ridge", "random-forest", "knn", "gaussian-nb"] as const;
const SETS = ["iris", "breast-cancer"] as const;
const METHODS: CalibrationMethod[] = ["platt", "isotonic"];

/** A head trained on the even rows of a set, with a calibration fitted to the odd ones. */
async function trained(name: (typeof HEADS)[number], set: (typeof SETS)[number], method: CalibrationMethod) {
  const { X, y, Q } = linearGolden(set);
  const part = (rest: number): number[] => [...y.codes.keys()].filter((i) => i % 2 === rest);
  const codes = (rows: number[]): Int32Array => Int32Array.from(rows, (row) => y.codes[row]!);
  const even = selectRows(X, part(0));
  // The features are not scaled: at a looser tolerance the last rows' sides depend on the solver's path.
  const tight = name === "logistic-regression" && { tol: 1e-9 };
  const options = name === "random-forest" ? { nEstimators: 8 } : { ...tight };
  const head = await fitHead({ name, set: options }, even, { codes: codes(part(0)), classes: y.classes });
  const calibration = fitCalibration(method, head.scores(selectRows(X, part(1))), codes(part(1)));
  return { head, calibration, X, Q, y };
}

describe.each(SETS)("a calibrated head of %s", (set) => {
  describe.each(METHODS)("by %s", (method) => {
    it.each(
      HEADS,
    )("%s: the file says what memory says, and labels agree with probabilities", async (name) => {
      const { head, calibration, X } = await trained(name, set, method);
      const calibrated = calibratedHead(head, { calibration, threshold: null });
      expect(calibrated.predict(X)).toEqual(head.predict(X));
      expect(argmaxRows(calibrated.probabilities!(X))).toEqual(argmaxRows(head.scores(X)));
      const bytes = headToOnnx(calibrated, META);
      await verifyHead(calibrated, bytes, X);
      const loaded = await loadHead(bytes);
      const { labels, probabilities } = await loaded.run(X);
      expect(Array.from(argmaxRows(probabilities!), (code) => loaded.classes[code])).toEqual(labels);
      await loaded.release();
    });
  });
});

describe("a threshold", () => {
  it.each([
    0, 1,
  ] as const)("moves labels of the file as of memory, and leaves probabilities alone (positive %s)", async (positive) => {
    const { head, calibration, X } = await trained("logistic-regression", "breast-cancer", "platt");
    const plain = calibratedHead(head, { calibration, threshold: null });
    const moved = calibratedHead(head, { calibration, threshold: { positive, value: 4 } });
    const name = head.classes[positive];
    const { data } = head.scores(X);
    const expected = Array.from({ length: X.rows }, (_, i) =>
      data[2 * i + positive]! - data[2 * i + 1 - positive]! > 4 ? name : head.classes[1 - positive],
    );
    expect(moved.predict(X)).toEqual(expected);
    expect(expected).not.toEqual(plain.predict(X));
    expect(moved.probabilities!(X).data).toEqual(plain.probabilities!(X).data);
    const bytes = headToOnnx(moved, META);
    await verifyHead(moved, bytes, X);
    const loaded = await loadHead(bytes);
    expect((await loaded.run(X)).labels).toEqual(expected);
    await loaded.release();
  });

  it("is refused for more than two classes, and over another", async () => {
    const iris = await trained("linear-svm", "iris", "platt");
    const threshold = { positive: 1, value: 0 } as const;
    const usage = expect.objectContaining({ code: "usage" });
    expect(() => calibratedHead(iris.head, { calibration: null, threshold })).toThrow(usage);
    const { head } = await trained("linear-svm", "breast-cancer", "platt");
    const moved = calibratedHead(head, { calibration: null, threshold });
    expect(() => calibratedHead(moved, { calibration: null, threshold })).toThrow(usage);
  });
});

it("a file whose calibration was changed is refused", async () => {
  const { head, calibration, X } = await trained("linear-svm", "iris", "isotonic");
  const steeper = { ...calibration, maps: [...calibration.maps].reverse() };
  const bytes = headToOnnx(calibratedHead(head, { calibration: steeper, threshold: null }), META);
  const other = calibratedHead(head, { calibration, threshold: null });
  await expect(verifyHead(other, bytes, X)).rejects.toMatchObject({ code: "model" });
});
