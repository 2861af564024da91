import type { BinnedFeatures } from "./bin-features.js";
import { MAX_BINS } from "./bin-features.js";
import { cellsOfBins, cellsOfRows, FEW, type NodeRows } from "./class-cells.js";
import { bestByEntropy, bestByGini, type Cells, xLogX } from "./class-gains.js";
import { bestOfFewRows } from "./few-rows-gini.js";
import { edgeAt, type Split, type Splits } from "./splits.js";
import { bestOfTwoClasses, countTwoClasses } from "./two-class-gini.js";

export interface ClassSplitOptions {
  readonly criterion: "gini" | "entropy";
  readonly minSamplesLeaf: number;
  /** Weight of a row of each class. */
  readonly multipliers: Float64Array;
  /** Turns the class weights of a leaf into its shares. */
  readonly sharesOf: (weights: Float64Array) => ArrayLike<number>;
  /** Uniform in [0, 1): one threshold a feature is drawn, between its extremes; null: the best one is taken. */
  readonly draw: (() => number) | null;
}

/**
 * Splits that tell classes apart. Small nodes are sorted; large ones are counted by bin and class, unless there are
 * so many classes that the counters outnumber the rows.
 */
export function classSplits(X: BinnedFeatures, codes: Int32Array, options: ClassSplitOptions): Splits {
  const { multipliers, minSamplesLeaf, draw, criterion } = options;
  const classes = multipliers.length;
  const { bins, rows: allRows } = X;
  const nodeRows = new Int32Array(allRows);
  const nodeCodes = new Int32Array(allRows);
  const nodeCounts = new Int32Array(allRows);
  const masses = new Float64Array(allRows);
  const totals = new Float64Array(classes);
  const left = new Float64Array(classes);
  const right = new Float64Array(classes);
  const node: NodeRows = { bins, rows: nodeRows, codes: nodeCodes, counts: nodeCounts };
  const spare = new Int32Array(allRows);
  const sorting = { keys: new Int32Array(allRows), spare, counts: new Int32Array(MAX_BINS + 1) };
  const histogram = new Int32Array(Math.min(MAX_BINS * classes, 1 << 20));
  const rowsOfBin = new Int32Array(MAX_BINS);
  const most = Math.max(allRows, histogram.length);
  const cells: Cells = {
    count: 0,
    bin: new Uint8Array(most),
    code: new Int32Array(most),
    mass: new Float64Array(most),
    rows: new Int32Array(most),
  };
  const found: Split = { edge: -1, gain: 0 };
  const best = criterion === "gini" ? bestByGini : bestByEntropy;
  const gini = criterion === "gini";
  let n = 0;
  let mixed = false;

  /** One threshold, drawn; the cells are the rows that go left, then those that go right. */
  const byDrawing = (feature: number, next: () => number): boolean => {
    const base = feature * allRows;
    let lowest = MAX_BINS;
    let highest = -1;
    for (let k = 0; k < n; k++) {
      const bin = bins[base + nodeRows[k]!]!;
      spare[k] = bin;
      if (bin < lowest) lowest = bin;
      if (bin > highest) highest = bin;
    }
    if (lowest >= highest) return false;
    const tops = X.tops[feature]!;
    const low = tops[lowest]!;
    const edge = edgeAt(tops, lowest, highest, low + next() * (tops[highest]! - low));
    let rowsLeft = 0;
    left.fill(0);
    for (let k = 0; k < n; k++) {
      if (spare[k]! > edge) continue;
      left[nodeCodes[k]!]! += nodeCounts[k]!;
      rowsLeft++;
    }
    let at = 0;
    for (let side = 0; side < 2; side++) {
      const start = at;
      for (let code = 0; code < classes; code++) {
        const onLeft = left[code]! * multipliers[code]!;
        const mass = side === 0 ? onLeft : totals[code]! - onLeft;
        if (mass <= 0) continue;
        cells.bin[at] = side === 0 ? edge : edge + 1;
        cells.code[at] = code;
        cells.mass[at] = mass;
        cells.rows[at] = at > start ? 0 : side === 0 ? rowsLeft : n - rowsLeft;
        at++;
      }
    }
    cells.count = at;
    return true;
  };

  return {
    found,
    enter(rows, rowCounts, from, to) {
      n = to - from;
      totals.fill(0);
      mixed = false;
      const firstCode = codes[rows[from]!]!;
      for (let k = 0; k < n; k++) {
        const row = rows[from + k]!;
        const code = codes[row]!;
        const count = rowCounts[row]!;
        nodeRows[k] = row;
        nodeCodes[k] = code;
        nodeCounts[k] = count;
        masses[k] = count * multipliers[code]!;
        totals[code]! += count;
        if (code !== firstCode) mixed = true;
      }
      for (let code = 0; code < classes; code++) totals[code]! *= multipliers[code]!;
      return mixed;
    },
    find(feature) {
      const base = feature * allRows;
      if (draw === null && gini && n <= FEW) {
        const { keys } = sorting;
        const more = bestOfFewRows(node, n, base, keys, masses, left, right, totals, minSamplesLeaf, found);
        return more ? (found.edge >= 0 ? "split" : "none") : "constant";
      }
      if (draw === null && gini && classes === 2) {
        countTwoClasses(node, n, base, histogram, rowsOfBin, minSamplesLeaf > 1);
        const more = bestOfTwoClasses(histogram, rowsOfBin, n, minSamplesLeaf, multipliers, totals, found);
        return more ? (found.edge >= 0 ? "split" : "none") : "constant";
      }
      let varies: boolean;
      if (draw !== null) varies = byDrawing(feature, draw);
      else if (n > FEW && classes * MAX_BINS <= Math.min(16 * n, histogram.length)) {
        varies = cellsOfBins(node, n, base, histogram, rowsOfBin, multipliers, cells);
      } else varies = cellsOfRows(node, n, base, sorting, multipliers, cells);
      if (!varies) return "constant";
      left.fill(0);
      right.set(totals);
      return best(cells, left, right, n, minSamplesLeaf, found) ? "split" : "none";
    },
    unsplit() {
      let weight = 0;
      let sum = 0;
      for (let code = 0; code < classes; code++) {
        const w = totals[code]!;
        weight += w;
        sum += criterion === "gini" ? w * w : xLogX(w);
      }
      return criterion === "gini" ? sum / weight : sum - xLogX(weight);
    },
    weight() {
      let weight = 0;
      for (let code = 0; code < classes; code++) weight += totals[code]!;
      return weight;
    },
    leaf: () => ({ values: options.sharesOf(totals), pure: mixed ? null : nodeCodes[0]! }),
  };
}
