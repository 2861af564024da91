import { expect, it } from "vitest";
import { frequentConfusions } from "../../src/cli/frequent-confusions.js";

const classes = Array.from({ length: 13 }, (_, i) => `c${i}`);
const matrix = (called: (i: number, j: number) => number): number[][] =>
  classes.map((_i, i) => classes.map((_j, j) => called(i, j)));

it("lists the commonest confusions first, and says how many are left out", () => {
  const counts = matrix((i, j) => (j === i + 1 ? 20 - i : i === j ? 100 : 0));
  const lines = frequentConfusions({ classes, counts });
  expect(lines[0]).toBe("is  called  rows");
  expect(lines[1]).toBe("c0  c1        20");
  expect(lines[10]).toBe("c9  c10       11");
  expect(lines.slice(11)).toEqual(["and 2 more pairs; --json has the whole matrix"]);
});

it("says so where nothing was confused", () => {
  const lines = frequentConfusions({ classes, counts: matrix((i, j) => (i === j ? 3 : 0)) });
  expect(lines).toEqual(["no row was called by another class's name"]);
});
