// AssemblyScript: where everything lies. Numbers have 4 bytes unless said otherwise.

/** Rows up to which a node is sorted. */
export const FEW: i32 = 48;
export const MAX_BINS: i32 = 256;

export let rowCount: i32 = 0;
export let colCount: i32 = 0;
export let classCount: i32 = 0;
/** Counters of a bin: the classes, rounded up to whole vectors. */
export let lanes: i32 = 0;

/** A byte a row and feature, feature after feature. */
export let binsAt: usize = 0;
/** Where thresholds are drawn: by feature, the largest value of each bin, then infinities; float32, `mostBins` of them. */
export let topsAt: usize = 0;
export let mostBins: i32 = 0;
export let codesAt: usize = 0;
/** How often the tree sees each row. */
export let countsAt: usize = 0;
export let rowsAt: usize = 0;
export let spareAt: usize = 0;
export let candidatesAt: usize = 0;
export let pendingAt: usize = 0;
export let featureAt: usize = 0;
export let edgeAt: usize = 0;
export let leftAt: usize = 0;
export let rightAt: usize = 0;
/** By feature, 8 bytes. */
export let importancesAt: usize = 0;
export let unseenAt: usize = 0;
export let unseenLeavesAt: usize = 0;
/** By class, the row of `leavesAt` of leaves that hold it alone; -1: none yet. */
export let pureLeafAt: usize = 0;
/** Of the node's rows, in their order: class and count. */
export let nodeCodesAt: usize = 0;
export let nodeCountsAt: usize = 0;
/** Of the node's rows, in their order, a feature's bins; a byte each. */
export let nodeBinsAt: usize = 0;
/** Of the node's rows, in their order, the tops of their bins, where thresholds are drawn; float32. */
export let nodeTopsAt: usize = 0;
/** Of the node's rows: vectors of eight counts of 2 bytes, by class; 0 but for drawn thresholds, 3 to 8 classes. */
export let eightAt: usize = 0;
/** Of the node's rows: their counts in the lower half for class 0, in the upper one for class 1. */
export let nodePairsAt: usize = 0;
/** Keys of 2 bytes, unsorted and sorted; of 4 bytes, for large nodes. */
export let shortKeysAt: usize = 0;
export let sortedKeysAt: usize = 0;
export let keysAt: usize = 0;
/** A byte a bin: whether a row of the node is in it. */
export let occupiedAt: usize = 0;
export let rowsOfBinAt: usize = 0;
/** Counts by bin and class, all of them zero between two searches. */
export let histogramAt: usize = 0;
/** By class, the weight in the node, and on the left of a threshold, which is zero between two searches. */
export let totalsAt: usize = 0;
export let onLeftAt: usize = 0;
/** By threshold: sums of squared class weights on either side, weight on the left, the edge. */
export let leftSquaresAt: usize = 0;
export let rightSquaresAt: usize = 0;
export let leftWeightsAt: usize = 0;
export let edgesAt: usize = 0;
/** Class weights of leaves, row after row; the last, as it grows. */
export let leavesAt: usize = 0;

let end: usize = 0;

/** Makes the memory reach to `to`; false where there is no more. */
export function reach(to: usize): bool {
  const missing = i64(to) - (i64(memory.size()) << 16);
  return missing <= 0 || memory.grow(i32((missing + 65535) >> 16)) >= 0;
}

function take(bytes: usize): usize {
  const at = end;
  end = (end + bytes + 31) & ~15;
  return at;
}

/** Lays everything out, with room for `tops` bins' tops a feature; false where the memory does not reach. */
export function layOut(rows: i32, cols: i32, classes: i32, tops: i32): bool {
  rowCount = rows;
  colCount = cols;
  classCount = classes;
  lanes = (classes + 7) & ~7;
  const bytes = usize(rows) << 2;
  end = 1024;
  binsAt = take(usize(rows) * cols);
  mostBins = tops;
  topsAt = take((usize(cols) * tops) << 2);
  codesAt = take(bytes);
  countsAt = take(bytes);
  rowsAt = take(bytes);
  spareAt = take(bytes);
  candidatesAt = take(usize(cols) << 2);
  pendingAt = take((bytes + 32) << 2);
  featureAt = take(bytes << 1);
  edgeAt = take(bytes << 1);
  leftAt = take(bytes << 1);
  rightAt = take(bytes << 1);
  importancesAt = take(usize(cols) << 3);
  unseenAt = take(bytes);
  unseenLeavesAt = take(bytes);
  pureLeafAt = take(usize(classes) << 2);
  nodeCodesAt = take(bytes);
  nodeCountsAt = take(bytes);
  nodeBinsAt = take(usize(rows) + 16);
  nodeTopsAt = take(tops > 0 ? bytes + 16 : 0);
  eightAt = tops > 0 && classes > 2 && lanes === 8 ? take(bytes << 2) : 0;
  nodePairsAt = take(bytes);
  shortKeysAt = take(256);
  sortedKeysAt = take(256);
  keysAt = take(bytes);
  occupiedAt = take(MAX_BINS);
  rowsOfBinAt = take(MAX_BINS << 2);
  histogramAt = take((usize(lanes) * MAX_BINS) << 2);
  totalsAt = take(usize(lanes) << 2);
  onLeftAt = take(usize(lanes) << 2);
  leftSquaresAt = take((MAX_BINS << 2) + 16);
  rightSquaresAt = take((MAX_BINS << 2) + 16);
  leftWeightsAt = take((MAX_BINS << 2) + 16);
  // Room for one before the first.
  edgesAt = take((MAX_BINS << 2) + 32) + 16;
  leavesAt = end;
  return reach(end);
}
