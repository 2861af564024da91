import { expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import { plainRows } from "../../src/heads/svm/svm-held-rows.js";
import { rowSpaces } from "../../src/heads/svm/svm-row-space.js";

const n = 37;
const draw = random(3);
const give = rowSpaces();
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, k) => from + k);

it.each([
  ["all columns", range(0, n)],
  ["two stretches of odd lengths that touch", [...range(20, 33), ...range(5, 20)]],
  ["every column twice", [...range(0, n), ...range(0, n)]],
  ["columns in no order", [36, 3, 4, 5, 0, 19]],
  ["columns far apart", range(0, 19).map((k) => 2 * k)],
])("rows in the memory of WebAssembly do what rows in plain loops do: %s", (_, columns) => {
  const at = Int32Array.from(columns);
  const { data, held } = give(12, n);
  for (let k = 0; k < data.length; k++) data[k] = Math.fround(draw.next() - 0.5);
  const places = Int32Array.of(7, 0, 3, 11, 2, 9);
  const plain = plainRows(Array.from(places, (place) => data.slice(place * n, (place + 1) * n)));
  const weights = Float64Array.from(places, (_, s) => (s === 2 ? 0 : draw.next() - 0.5));
  const start = Float64Array.from(at, () => draw.next());
  const [fast, slow] = [start.slice(), start.slice()];
  held(places).addTo(fast, weights, at);
  plain.addTo(slow, weights, at);
  fast.forEach((value, t) => {
    expect(value).toBeCloseTo(slow[t]!, 13);
  });
  const some = at.subarray(0, 11);
  expect(held(places).square(some)).toEqual(plain.square(some));
});
