import { describe, expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import { knn } from "../../src/heads/knn/knn.js";
import { encodeLabels } from "../../src/heads/labels.js";
import { type Matrix, matrix, rowOf, selectRows } from "../../src/linalg/matrix.js";
import { encodeModel, graphBuilder, openSession } from "../../src/onnx/index.js";

const ALL = (["euclidean", "cosine"] as const).flatMap((metric) =>
  (["uniform", "distance"] as const).map((weights) => ({ metric, weights })),
);
const K = 3;

type Options = (typeof ALL)[number];

const filled = (rows: number, dim: number, value: (i: number, j: number) => number): Matrix<Float32Array> =>
  matrix(
    Float32Array.from({ length: rows * dim }, (_, at) => value(Math.floor(at / dim), at % dim)),
    rows,
    dim,
  );

/** Rows that are alike in all but a few digits that float32 sums lose, between rows that are not. */
function clusters(count: number): Matrix<Float32Array> {
  const draw = random(5);
  const centres = Float32Array.from({ length: count * 8 }, () => draw.next() - 0.5);
  return filled(400, 8, (i, j) => centres[(i % count) * 8 + j]! * (1 + 1e-6 * (draw.next() - 0.5)));
}

const draw = random(9);
const CASES: Record<string, { X: Matrix<Float32Array>; Q: Matrix<Float32Array> }> = {
  "clusters of rows that float32 cannot tell apart": { X: clusters(40), Q: clusters(40) },
  "the same, of more rows than are kept": { X: clusters(4), Q: clusters(4) },
  "whole numbers, most distances equal": {
    X: filled(300, 4, () => draw.integer(3)),
    Q: filled(70, 4, () => draw.integer(4)),
  },
  "rows that are all the same": { X: filled(90, 5, () => 0.3), Q: filled(4, 5, (i) => i) },
  "queries of every size": {
    X: filled(200, 6, () => draw.next() - 0.5),
    Q: filled(61, 6, (i) => (draw.next() - 0.5) * 10 ** (i - 30)),
  },
  "an outlier that hides the others from float32": {
    X: filled(200, 6, (i) => (i === 77 ? 1e6 : draw.next())),
    Q: filled(50, 6, () => draw.next()),
  },
  "rows too long for float32's squares": {
    X: filled(90, 6, () => 1e19 * (draw.next() - 0.5)),
    Q: filled(50, 6, () => 1e19 * (draw.next() - 0.5)),
  },
  "rows too short for float32's squares, and zeros": {
    X: filled(90, 6, (i) => (i % 9 === 0 ? 0 : 1e-22 * (draw.next() - 0.5))),
    Q: filled(50, 6, (i) => (i === 3 ? 0 : 1e-22 * (draw.next() - 0.5))),
  },
};

/** Shares with a class for each row, so that they name the neighbours: from memory and from the graph. */
async function sharesOfRows(options: Options, X: Matrix<Float32Array>, Q: Matrix<Float32Array>) {
  const names = Array.from({ length: X.rows }, (_, i) => String(i).padStart(4, "0"));
  const model = await knn({ nNeighbors: K, ...options }).fit(X, encodeLabels(names));
  const graph = graphBuilder({ name: "head" });
  const x = graph.input("x", "float32", ["n", X.cols]);
  graph.output(model.writeGraph(graph, x).scores, "scores", "float32", ["n", X.rows]);
  const session = await openSession(encodeModel(graph.build()), { threads: 1 });
  const { scores } = await session.run({ x: { dtype: "float32", data: Q.data, dims: [Q.rows, Q.cols] } });
  await session.release();
  return { model, memory: model.scores(Q), file: scores!.data as Float32Array };
}

describe.each(ALL)("knn, $metric, $weights", (options) => {
  it.each(Object.keys(CASES))("finds the neighbours in the graph that memory finds: %s", async (name) => {
    const { X, Q } = CASES[name]!;
    const { memory, file } = await sharesOfRows(options, X, Q);
    for (let i = 0; i < Q.rows; i++) {
      const expected = rowOf(memory, i);
      expect(expected.filter((share) => share > 0).length).toBeGreaterThan(0);
      for (let j = 0; j < X.rows; j++) {
        const difference = Math.abs(file[i * X.rows + j]! - expected[j]!);
        if (!(difference < 1e-5)) expect.fail(`row ${i}, neighbour ${j}: ${difference} apart`);
      }
    }
  });

  it.each(Object.keys(CASES))("finds for many rows what it finds for one: %s", async (name) => {
    const { X, Q } = CASES[name]!;
    const { model, memory } = await sharesOfRows(options, X, Q);
    for (let i = 0; i < Q.rows; i++) {
      expect(model.scores(selectRows(Q, [i])).data).toEqual(rowOf(memory, i));
    }
  });
});
