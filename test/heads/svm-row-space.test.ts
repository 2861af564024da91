import { expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import { plainRows } from "../../src/heads/svm/svm-held-rows.js";
import { rowSpaces } from "../../src/heads/svm/svm-row-space.js";

const n = 37;
const draw = random(3);
const give = rowSpaces();
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, k) => from + k);

/** A symmetric kernel, by row. */
const kernel = range(0, n).map(() => new Float32Array(n));
for (let i = 0; i < n; i++) {
  for (let j = 0; j <= i; j++) kernel[i]![j] = kernel[j]![i] = Math.fround(draw.next() - 0.5);
}
const rows = Int32Array.of(1, 3, 4, 11, 20, 36);

/** The rows asked for in a space that keeps single rows, each at a place of its own. */
function rowsKept() {
  const { data, held } = give.rows(12, n, 6);
  const places = Int32Array.of(7, 0, 3, 11, 2, 9);
  places.forEach((place, s) => {
    data.set(kernel[rows[s]!]!, place * n);
  });
  return held(places, rows);
}

/** The same rows in tiles of 12: those above the diagonal placed, the others their mirrors. */
function rowsInTiles() {
  const side = 12;
  const space = give.tiles(n, side, 6)!;
  for (let band = 0; band < 4; band++) {
    for (let across = band; across < 4; across++) {
      for (let i = 0; i < side; i++) {
        for (let j = 0; j < side; j++) {
          space.tile[i * side + j] = kernel[band * side + i]?.[across * side + j] ?? 0;
        }
      }
      space.place(band, across);
    }
  }
  return space.held(rows);
}

const plain = plainRows(
  Array.from(rows, (i) => kernel[i]!),
  rows,
);

it.each([
  ["all columns", range(0, n)],
  ["two stretches of odd lengths that touch", [...range(20, 33), ...range(5, 20)]],
  ["every column twice", [...range(0, n), ...range(0, n)]],
  ["columns in no order", [36, 3, 4, 5, 0, 19]],
  ["columns far apart", range(0, 19).map((k) => 2 * k)],
])("rows in the memory of WebAssembly add up to what rows in plain loops do: %s", (_, columns) => {
  const at = Int32Array.from(columns);
  const weights = Float64Array.from(rows, (_, s) => (s === 2 ? 0 : draw.next() - 0.5));
  const start = Float64Array.from(at, () => draw.next());
  const sums = (held: typeof plain): number[] => {
    const F = start.slice();
    held.addTo(F, weights, at);
    return Array.from(F);
  };
  for (const make of [rowsKept, rowsInTiles]) {
    const held = make();
    sums(held).forEach((value, t) => {
      expect(value).toBeCloseTo(sums(plain)[t]!, 13);
    });
  }
});

it("a block in the memory of WebAssembly takes the same steps as one in plain loops, bit for bit", () => {
  for (const make of [rowsKept, rowsInTiles]) {
    const [fast, slow] = [make().block(), plain.block()];
    const gradient = Float64Array.from(rows, (_, k) => [0.5, -1, 2, -1, 2, 0.25][k]!);
    for (const passes of [fast, slow]) {
      expect(passes.size).toBe(6);
      passes.F.set(gradient);
      for (let k = 0; k < 6; k++) passes.allow(k, k % 3 !== 2, k !== 4);
    }
    for (let i = 0; i < 6; i++) {
      expect(fast.diagonal[i]).toBe(slow.diagonal[i]);
      for (let j = 0; j < 6; j++) expect(fast.K[i * fast.stride + j]).toBe(slow.K[i * slow.stride + j]);
    }
    expect(fast.move(0, 0, 0)).toEqual({ rising: 1, smallest: -1, largest: 2 });
    for (let turn = 0; turn < 30; turn++) {
      const [a, b] = [turn % 6, (turn * 5 + 3) % 6];
      const found = fast.move(0.7 ** turn, a, b);
      expect(found).toEqual(slow.move(0.7 ** turn, a, b));
      expect(Array.from(fast.F)).toEqual(Array.from(slow.F));
      expect(fast.partner(a, found.smallest)).toBe(slow.partner(a, found.smallest));
    }
    for (let k = 0; k < 6; k++) for (const passes of [fast, slow]) passes.allow(k, false, k === 0);
    expect(fast.move(0, 0, 0)).toEqual({ ...slow.move(0, 0, 0), rising: -1, smallest: Infinity });
    expect(fast.partner(0, Infinity)).toBe(-1);
  }
});
