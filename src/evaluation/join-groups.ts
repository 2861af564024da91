import { ShapeError } from "../core/errors.js";

/**
 * The finest groups that keep both groupings whole: rows that share a group of either are in one, and so are rows that
 * are so linked through others.
 * @param a - one group a row. @param b - likewise.
 * @returns n group numbers: the first row of each group.
 * @throws {ShapeError} if they disagree in length.
 */
export function joinGroups(a: Int32Array, b: Int32Array): Int32Array {
  if (a.length !== b.length) throw new ShapeError("groups", [a.length], [b.length]);
  const parent = Int32Array.from({ length: a.length }, (_, row) => row);
  const root = (row: number): number => {
    let top = row;
    while (parent[top] !== top) {
      parent[top] = parent[parent[top]!]!;
      top = parent[top]!;
    }
    return top;
  };
  for (const groups of [a, b]) {
    const first = new Map<number, number>();
    groups.forEach((group, row) => {
      const known = first.get(group);
      if (known === undefined) first.set(group, row);
      else {
        const [one, other] = [root(known), root(row)];
        parent[Math.max(one, other)] = Math.min(one, other);
      }
    });
  }
  return parent.map((_, row) => root(row));
}
