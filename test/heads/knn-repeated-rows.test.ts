import { expect, it } from "vitest";
import { mostlyRepeated } from "../../src/heads/knn/knn-repeated-rows.js";
import { matrix } from "../../src/linalg/matrix.js";

const rows = (count: number, value: (i: number) => number) =>
  matrix(
    Float32Array.from({ length: count * 2 }, (_, at) => value(Math.floor(at / 2))),
    count,
    2,
  );

it.each([
  ["one row", rows(1, () => 1), false],
  ["rows that are all different", rows(1000, (i) => i), false],
  ["a third of equal rows", rows(90, (i) => (i % 3 === 0 ? 0 : i)), false],
  ["rows in pairs", rows(1000, (i) => Math.floor(i / 2)), false],
  ["twenty rows many times", rows(1000, (i) => (i * i) % 20), true],
  ["one row many times", rows(5, () => 1), true],
])("says whether most rows come many times: %s", (_, X, expected) => {
  expect(mostlyRepeated(X)).toBe(expected);
});
