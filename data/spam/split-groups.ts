import { hashFraction } from "../hash-fraction.js";

/** A row, and the group that it must stay with. */
export interface GroupedRow {
  readonly group: number;
  readonly label: string;
  /** What the draw depends on. */
  readonly text: string;
}

/**
 * Gives whole groups to `train` or `test`, so that `test` gets `share` of every class or a little less.
 * Groups are drawn in the order of a hash of their texts: the input's order plays no part.
 */
export function splitGroups(rows: readonly GroupedRow[], share: number): ("train" | "test")[] {
  const groups = new Map<number, { order: number; sizes: Map<string, number> }>();
  const room = new Map<string, number>();
  for (const { group, label, text } of rows) {
    room.set(label, (room.get(label) ?? 0) + share);
    const order = hashFraction(text);
    const known = groups.get(group);
    if (known === undefined) groups.set(group, { order, sizes: new Map([[label, 1]]) });
    else {
      known.order = Math.min(known.order, order);
      known.sizes.set(label, (known.sizes.get(label) ?? 0) + 1);
    }
  }
  const inTest = new Set<number>();
  for (const [id, { sizes }] of [...groups].sort((a, b) => drawn(a[1].order) - drawn(b[1].order))) {
    if ([...sizes].some(([label, size]) => size > room.get(label)!)) continue;
    for (const [label, size] of sizes) room.set(label, room.get(label)! - size);
    inTest.add(id);
  }
  return rows.map((row) => (inTest.has(row.group) ? "test" : "train"));
}

/** Hashes again: the least of many hashes is small, and large groups would always be drawn first. */
function drawn(order: number): number {
  return hashFraction(String(order));
}
