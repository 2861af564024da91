// AssemblyScript: src/heads/trees/grow-tree.ts for classes by Gini impurity, every row weighing 1. The same seed gives
// the same tree; src/heads/trees/compiled-forest.ts calls it.

import { drawnEdge, findDrawn } from "./drawn-splits";
import { find } from "./gini-splits";
import {
  binsAt,
  candidatesAt,
  classCount,
  colCount,
  countsAt,
  edgeAt,
  featureAt,
  importancesAt,
  layOut,
  leavesAt,
  leftAt,
  pendingAt,
  pureLeafAt,
  reach,
  rightAt,
  rowCount,
  rowsAt,
  spareAt,
  totalsAt,
  unseenAt,
  unseenLeavesAt,
} from "./memory";
import { enter, firstCode, squares, weight } from "./node-rows";
import { drawInteger, seedRandom } from "./random";
import { CONSTANT, edge, gain, SPLIT } from "./thresholds";

export {
  binsAt,
  codesAt,
  edgeAt,
  featureAt,
  importancesAt,
  leavesAt,
  leftAt,
  rightAt,
  topsAt,
  unseenAt,
  unseenLeavesAt,
} from "./memory";

/** Of the last tree: nodes, rows of leaf weights, rows it did not see. */
export let nodes: i32 = 0;
export let leaves: i32 = 0;
export let unseen: i32 = 0;

let features: i32 = 0;
let fewest: i32 = 0;
let minRows: i32 = 0;
let maxDepth: i32 = 0;
let bootstrap: bool = false;
let drawn: bool = false;
let bestFeature: i32 = -1;
let bestEdge: i32 = -1;
let bestGain: f64 = 0;

/**
 * Lays the memory out, for the caller to fill in bins and codes; false where it does not reach. With `tops` above 0
 * thresholds are drawn, and the caller fills in that many tops of bins a feature.
 */
export function prepare(
  rows: i32,
  cols: i32,
  classes: i32,
  perSplit: i32,
  rowsToSplit: i32,
  rowsOfLeaf: i32,
  levels: i32,
  drawRows: bool,
  tops: i32,
): bool {
  features = perSplit;
  fewest = max(rowsToSplit, 2 * rowsOfLeaf);
  minRows = rowsOfLeaf;
  maxDepth = levels;
  bootstrap = drawRows;
  drawn = tops > 0;
  return layOut(rows, cols, classes, tops);
}

/** The best split over freshly drawn features; where none of them varies, more are drawn until one does. */
function search(): bool {
  bestFeature = -1;
  bestGain = -Infinity;
  let varying = false;
  for (let seen = 0; seen < colCount && (seen < features || !varying); seen++) {
    const here = candidatesAt + (seen << 2);
    const there = here + (drawInteger(colCount - seen) << 2);
    const feature = load<i32>(there);
    store<i32>(there, load<i32>(here));
    store<i32>(here, feature);
    const offer = drawn ? findDrawn(feature, minRows) : find(feature, minRows);
    if (offer !== CONSTANT) varying = true;
    if (offer !== SPLIT || gain <= bestGain) continue;
    bestGain = gain;
    bestFeature = feature;
    bestEdge = drawn ? drawnEdge() : edge;
  }
  return bestFeature >= 0;
}

/** Moves the rows that go left to the front, both sides in their order; returns where the right begins. */
function partition(from: i32, to: i32): i32 {
  const bins = binsAt + usize(bestFeature) * rowCount;
  let left = rowsAt + (usize(from) << 2);
  let right = spareAt;
  const end = rowsAt + (usize(to) << 2);
  for (let at = left; at < end; at += 4) {
    const row = load<i32>(at);
    const goesLeft = usize(i32(load<u8>(bins + row)) <= bestEdge) << 2;
    store<i32>(left, row);
    store<i32>(right, row);
    left += goesLeft;
    right += 4 - goesLeft;
  }
  memory.copy(left, spareAt, right - spareAt);
  return i32((left - rowsAt) >> 2);
}

function leafOf(row: i32): i32 {
  let node: usize = 0;
  let feature = load<i32>(featureAt);
  while (feature >= 0) {
    const bin = i32(load<u8>(binsAt + usize(feature) * rowCount + row));
    node = usize(load<i32>((bin <= load<i32>(edgeAt + node) ? leftAt : rightAt) + node)) << 2;
    feature = load<i32>(featureAt + node);
  }
  return load<i32>(leftAt + node);
}

/** Which rows the tree sees, and how often. */
function drawCounts(): i32 {
  if (bootstrap) {
    memory.fill(countsAt, 0, usize(rowCount) << 2);
    for (let k = 0; k < rowCount; k++) {
      const at = countsAt + (drawInteger(rowCount) << 2);
      store<i32>(at, load<i32>(at) + 1);
    }
  } else for (let k = 0; k < rowCount; k++) store<i32>(countsAt + (k << 2), 1);
  let seen = 0;
  unseen = 0;
  for (let row = 0; row < rowCount; row++) {
    if (load<i32>(countsAt + (row << 2)) > 0) store<i32>(rowsAt + (seen++ << 2), row);
    else store<i32>(unseenAt + (unseen++ << 2), row);
  }
  return seen;
}

/** The node at hand becomes a leaf; leaves of one class alone share a row. False where the memory does not reach. */
function endIn(id: i32, mixed: bool): bool {
  const at = usize(id) << 2;
  store<i32>(featureAt + at, -1);
  store<i32>(rightAt + at, -1);
  const known = pureLeafAt + (usize(firstCode) << 2);
  if (!mixed && load<i32>(known) >= 0) {
    store<i32>(leftAt + at, load<i32>(known));
    return true;
  }
  if (!mixed) store<i32>(known, leaves);
  store<i32>(leftAt + at, leaves);
  const bytes = usize(classCount) << 2;
  const to = leavesAt + usize(leaves) * bytes;
  if (!reach(to + bytes)) return false;
  memory.copy(to, totalsAt, bytes);
  leaves++;
  return true;
}

/** Grows the tree of a seed; false where the memory does not reach. */
export function grow(seed: u32): bool {
  seedRandom(seed);
  const seen = drawCounts();
  for (let f = 0; f < colCount; f++) store<i32>(candidatesAt + (f << 2), f);
  memory.fill(importancesAt, 0, usize(colCount) << 3);
  memory.fill(pureLeafAt, 0xff, usize(classCount) << 2);
  nodes = 0;
  leaves = 0;
  let pending = pendingAt;
  let from = 0;
  let to = seen;
  let depth = 0;
  let parent = -1;
  for (;;) {
    const id = nodes++;
    // A left child follows its parent at once; whatever else comes is a right child.
    if (parent >= 0) store<i32>((id === parent + 1 ? leftAt : rightAt) + (usize(parent) << 2), id);
    const mixed = enter(rowsAt + (usize(from) << 2), to - from);
    if (mixed && to - from >= fewest && depth < maxDepth && search()) {
      const at = usize(id) << 2;
      store<i32>(featureAt + at, bestFeature);
      store<i32>(edgeAt + at, bestEdge);
      const importance = importancesAt + (usize(bestFeature) << 3);
      store<f64>(importance, load<f64>(importance) + (bestGain - squares / f64(weight)));
      const middle = partition(from, to);
      depth++;
      parent = id;
      store<i32>(pending, middle);
      store<i32>(pending, to, 4);
      store<i32>(pending, depth, 8);
      store<i32>(pending, parent, 12);
      pending += 16;
      to = middle;
      continue;
    }
    if (!endIn(id, mixed)) return false;
    if (pending === pendingAt) break;
    pending -= 16;
    from = load<i32>(pending);
    to = load<i32>(pending, 4);
    depth = load<i32>(pending, 8);
    parent = load<i32>(pending, 12);
  }
  for (let k = 0; k < unseen; k++) {
    store<i32>(unseenLeavesAt + (k << 2), leafOf(load<i32>(unseenAt + (k << 2))));
  }
  return true;
}
