import type { LabelSets } from "../../heads/multi-label/label-sets.js";
import type { LabelCounts } from "../metrics/label-counts.js";

/** What figures of several labels a row are counted from; rows are gone through once. */
export interface LabelSetCells {
  readonly rows: number;
  readonly labels: number;
  /** Cells where a row has a label, or is given it: their row, label, and 1 (has), 2 (given) or 3 (both). */
  readonly row: Int32Array;
  readonly label: Int32Array;
  readonly kind: Uint8Array;
}

/** @param decided - `[n, labels]`, 1 where the row is given the label. */
export function labelSetCells({ labels, rows, members }: LabelSets, decided: Uint8Array): LabelSetCells {
  const width = labels.length;
  let cells = 0;
  for (let k = 0; k < members.length; k++) if ((members[k]! | decided[k]!) !== 0) cells++;
  const found = {
    row: new Int32Array(cells),
    label: new Int32Array(cells),
    kind: new Uint8Array(cells),
  };
  let at = 0;
  for (let k = 0; k < members.length; k++) {
    const kind = members[k]! + 2 * decided[k]!;
    if (kind === 0) continue;
    found.row[at] = Math.floor(k / width);
    found.label[at] = k % width;
    found.kind[at++] = kind;
  }
  return { rows, labels: width, ...found };
}

/** By label: rows given it rightly, rows that have it, rows given it. @param weights - default: each row once. */
export function countsByLabel(
  { labels, row, label, kind }: LabelSetCells,
  weights?: ArrayLike<number>,
): LabelCounts {
  const hits = new Float64Array(labels);
  const actual = new Float64Array(labels);
  const called = new Float64Array(labels);
  for (let at = 0; at < row.length; at++) {
    const weight = weights === undefined ? 1 : weights[row[at]!]!;
    const k = label[at]!;
    if (kind[at] !== 2) actual[k]! += weight;
    if (kind[at] !== 1) called[k]! += weight;
    if (kind[at] === 3) hits[k]! += weight;
  }
  return { hits, actual, called };
}

/** By row: F1 of its set against the one it is given; 1 where both are empty. */
export function rowF1({ rows, row, kind }: LabelSetCells): Float64Array {
  const both = new Float64Array(rows);
  const sum = new Float64Array(rows);
  row.forEach((one, at) => {
    sum[one]! += kind[at] === 3 ? 2 : 1;
    if (kind[at] === 3) both[one]! += 2;
  });
  return both.map((shared, i) => (sum[i] === 0 ? 1 : shared / sum[i]!));
}

/** By row: labels on which the two sets differ. */
export function rowErrors({ rows, row, kind }: LabelSetCells): Float64Array {
  const errors = new Float64Array(rows);
  row.forEach((one, at) => {
    if (kind[at] !== 3) errors[one]!++;
  });
  return errors;
}
