import { describe, expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import { argmaxRows } from "../../src/heads/argmax.js";
import type { Classifier } from "../../src/heads/classifier.js";
import { fitHead, type HeadRecipe } from "../../src/heads/head.js";
import { headToOnnx, loadHead, verifyHead } from "../../src/heads/head-onnx.js";
import { encodeLabels } from "../../src/heads/labels.js";
import { createHead } from "../../src/heads/registry.js";
import { type Matrix, matrix, selectRows } from "../../src/linalg/matrix.js";

const META = { fingerprint: "f".repeat(64), backbone: { id: "none" }, metrics: null };

/** Overlapping clouds: row i is of class i mod classes. */
function clouds(rows: number, dim: number, classes: readonly string[], seed = 7) {
  const rng = random(seed);
  const X = matrix(new Float32Array(rows * dim), rows, dim);
  const labels = Array.from({ length: rows }, (_, i) => classes[i % classes.length]!);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < dim; j++) {
      const noise = rng.next() + rng.next() + rng.next() - 1.5;
      X.data[i * dim + j] = noise + (j % classes.length === i % classes.length ? 0.7 : 0);
    }
  }
  return { X, labels };
}

const code = (expected: string) => expect.objectContaining({ code: expected });

/** What every head must do. */
export function headContract(recipe: HeadRecipe): void {
  const make = (seed = 0): Classifier =>
    createHead(recipe.name, { set: recipe.set, engine: recipe.engine, seed });
  const learn = (X: Matrix, labels: readonly string[], seed = 0) =>
    fitHead({ ...recipe, seed }, X, encodeLabels(labels));

  describe(`${recipe.name} (${recipe.engine ?? "headstart"})`, () => {
    it("learns more than the majority class", async () => {
      const { X, labels } = clouds(180, 9, ["a", "b", "c"]);
      const test = clouds(90, 9, ["a", "b", "c"], 99);
      const predicted = await (await learn(X, labels)).predict(test.X);
      const right = predicted.filter((label, i) => label === test.labels[i]).length / 90;
      expect(right).toBeGreaterThan(0.6);
    });

    it("gives the same model for the same seed, and leaves data and earlier models alone", async () => {
      const { X, labels } = clouds(90, 6, ["a", "b", "c"]);
      const before = X.data.slice();
      const first = await learn(X, labels, 3);
      const bytes = headToOnnx(first, META);
      const scores = first.scores(X).data.slice();
      expect(headToOnnx(await learn(X, labels, 3), META)).toEqual(bytes);
      const estimator = make();
      const y = encodeLabels(labels);
      const one = await estimator.fit(X, y);
      const oneScores = one.scores(X).data.slice();
      await estimator.fit(selectRows(X, [5, 4, 3, 2, 1, 0]), encodeLabels(["x", "y", "x", "y", "x", "y"]));
      expect(one.scores(X).data).toEqual(oneScores);
      expect(one.classes).toEqual(["a", "b", "c"]);
      expect(first.scores(X).data).toEqual(scores);
      expect(X.data).toEqual(before);
    });

    it.each([
      ["two classes", ["no", "yes"]],
      ["four classes", ["a", "b", "c", "d"]],
    ])("predicts the same from its file: %s, scaled and not, far from and near to the data", async (_, classes) => {
      const { X, labels } = clouds(120, 8, classes);
      const far = { ...X, data: X.data.map((value, k) => value * 30 - (k % 8)) };
      const single = selectRows(X, [0]);
      for (const scale of ["standard", "none"] as const) {
        const head = await fitHead({ ...recipe, scale }, X, encodeLabels(labels));
        const bytes = headToOnnx(head, META);
        await verifyHead(head, bytes, X);
        await verifyHead(head, bytes, far);
        await verifyHead(head, bytes, single);
        const loaded = await loadHead(bytes);
        expect(loaded.classes).toEqual(classes);
        expect(loaded.hasProbabilities).toBe(head.probabilities !== null);
        const { labels: predicted, scores } = await loaded.run(X);
        expect(predicted).toEqual(Array.from(argmaxRows(scores), (best) => classes[best]!));
        await loaded.release();
      }
    });

    it("takes any strings as labels, in the order of their code units", async () => {
      const classes = ["", "10", "9", "Zürich", "a b\n", "ü", "日本", "😀"];
      const { X, labels } = clouds(96, 10, [...classes].reverse());
      const head = await learn(X, labels);
      expect(head.classes).toEqual(classes);
      const bytes = headToOnnx(head, META);
      const loaded = await loadHead(bytes);
      expect((await loaded.run(X)).labels).toEqual(head.predict(X));
      await loaded.release();
    });

    it("refuses what it cannot learn from, saying where", async () => {
      const { X, labels } = clouds(12, 4, ["a", "b"]);
      const y = encodeLabels(labels);
      const empty = matrix(new Float32Array(0), 0, 4);
      await expect(make().fit(X, encodeLabels(labels.slice(1)))).rejects.toThrow(code("shape"));
      await expect(make().fit(empty, encodeLabels([]))).rejects.toThrow(code("data"));
      await expect(make().fit(X, encodeLabels(labels.map(() => "a")))).rejects.toThrow(code("data"));
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const data = X.data.slice();
        data[4 * 7 + 2] = bad;
        await expect(make().fit({ ...X, data }, y)).rejects.toThrow(
          expect.objectContaining({ code: "data", facts: expect.objectContaining({ row: 7, column: 2 }) }),
        );
      }
    });

    it("refuses queries of another width, and NaN", async () => {
      const { X, labels } = clouds(24, 4, ["a", "b"]);
      const head = await learn(X, labels);
      const wide = matrix(new Float32Array(10), 2, 5);
      const nan = matrix(new Float32Array([0, 0, Number.NaN, 0]), 1, 4);
      expect(() => head.scores(wide)).toThrow(code("shape"));
      expect(() => head.classifier.scores(wide)).toThrow(code("shape"));
      expect(() => head.scores(nan)).toThrow(code("data"));
      const loaded = await loadHead(headToOnnx(head, META));
      await expect(loaded.run(wide)).rejects.toThrow(code("shape"));
      await expect(loaded.run(nan)).rejects.toThrow(code("data"));
      expect((await loaded.run(matrix(new Float32Array(0), 0, 4))).labels).toEqual([]);
      await loaded.release();
    });

    it("works on one row a class, on duplicate rows, and on constant features", async () => {
      const pair = matrix(new Float32Array([0, 0, 1, 5, 5, 1]), 2, 3);
      const tiny = await learn(pair, ["a", "b"]);
      await verifyHead(tiny, headToOnnx(tiny, META), pair);

      const { X, labels } = clouds(40, 5, ["a", "b"]);
      const twice = Array.from({ length: 80 }, (_, i) => i % 40);
      const doubled = selectRows(X, twice);
      for (let i = 0; i < 80; i++) doubled.data[i * 5 + 3] = 0.1;
      const head = await learn(
        doubled,
        twice.map((i) => labels[i]!),
      );
      expect(head.scores(doubled).data.every(Number.isFinite)).toBe(true);
      await verifyHead(head, headToOnnx(head, META), doubled);
    });

    it("gives probabilities that sum to 1 and agree with its labels, or none", async () => {
      for (const classes of [
        ["a", "b"],
        ["a", "b", "c"],
      ]) {
        const { X, labels } = clouds(90, 6, classes);
        const head = await learn(X, labels);
        if (head.probabilities === null) {
          expect(head.classifier.probabilities).toBeNull();
          continue;
        }
        const P = head.probabilities(X);
        expect([P.rows, P.cols]).toEqual([90, classes.length]);
        for (let i = 0; i < P.rows; i++) {
          const row = Array.from(P.data.subarray(i * P.cols, (i + 1) * P.cols));
          expect(row.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 10);
          expect(Math.min(...row)).toBeGreaterThanOrEqual(0);
        }
        const fromProbabilities = Array.from(argmaxRows(P), (best) => classes[best]!);
        expect(fromProbabilities).toEqual(head.predict(X));
      }
    });

    it("has class weights that pull towards the heavier class, where it has any", async () => {
      const { X, labels } = clouds(120, 4, ["a", "b"]);
      const noisy = labels.map((label, i) => (i % 5 === 0 ? (label === "a" ? "b" : "a") : label));
      // Leaves of one row are pure whatever the weights are, so trees need larger ones for this.
      const leaves = "minSamplesLeaf" in (make().options as object) ? { minSamplesLeaf: 10 } : {};
      const weigh = async (classWeight: unknown) => {
        const set = { ...recipe.set, ...leaves, classWeight };
        const head = await fitHead({ ...recipe, set }, X, encodeLabels(noisy));
        const scores = head.scores(clouds(200, 4, ["a", "b"], 5).X);
        return Array.from(argmaxRows(scores)).filter((best) => best === 1).length;
      };
      if (!("classWeight" in (make().options as object))) {
        await expect(weigh("balanced")).rejects.toThrow(code("usage"));
        return;
      }
      expect(await weigh({ b: 50 })).toBeGreaterThan(await weigh({ a: 50 }));
      await expect(weigh({ nobody: 2 })).rejects.toThrow(code("usage"));
    });

    it("validates its options once, at creation", async () => {
      const unknown = { ...recipe, set: { ...recipe.set, colour: "red" } };
      const options = Object.keys(make().options as object);
      expect(() => createHead(unknown.name, unknown)).toThrow(
        expect.objectContaining({ code: "usage", message: expect.stringContaining("'colour'") }),
      );
      for (const option of options) {
        expect(() => createHead(unknown.name, unknown)).toThrow(
          expect.objectContaining({ hint: expect.stringContaining(option) }),
        );
      }
      expect(Object.isFrozen(make().options)).toBe(true);
    });
  });
}
