// AssemblyScript: thresholds of a node of a few rows, most of a forest's nodes.

import { edgesAt, nodeCodesAt, nodeCountsAt, onLeftAt, shortKeysAt, sortedKeysAt, totalsAt } from "./memory";
import { emptyLeft, n, squares, weight } from "./node-rows";
import { bestNoted, CONSTANT, note } from "./thresholds";

/** All rows sorted by bin: a key's rank is the number of keys below it, counted for sixteen keys at once. */
export function findInFew(bins: usize, minRows: i32): i32 {
  let places = i16x8(0, 1, 2, 3, 4, 5, 6, 7);
  let varies = i16x8.splat(0);
  const first = i16x8.splat(i16(load<u8>(bins)));
  for (let k = 0; k < n; k += 8) {
    const eight = v128.load_ext<u8>(bins + k);
    const keys = v128.or(i16x8.shl(eight, 6), places);
    // Behind the last row, keys above all others.
    const within = i16x8.lt_s(places, i16x8.splat(i16(n)));
    v128.store(shortKeysAt + (k << 1), v128.bitselect(keys, i16x8.splat(0x7fff), within));
    varies = v128.or(varies, v128.and(v128.xor(eight, first), within));
    places = i16x8.add(places, i16x8.splat(8));
  }
  if (!v128.any_true(varies)) return CONSTANT;
  const all = shortKeysAt + (n << 1);
  for (let from: i32 = 0; from < n; from += 16) {
    const own0 = v128.load(shortKeysAt + (from << 1));
    const own1 = v128.load(shortKeysAt + (from << 1), 16);
    let ranks0 = i16x8.splat(0);
    let ranks1 = i16x8.splat(0);
    for (let other = shortKeysAt; other < all; other += 2) {
      const key = v128.load16_splat(other);
      ranks0 = i16x8.sub(ranks0, i16x8.gt_s(own0, key));
      ranks1 = i16x8.sub(ranks1, i16x8.gt_s(own1, key));
    }
    place(ranks0, own0);
    if (from + 8 < n) place(ranks1, own1);
  }
  return scanShort(minRows);
}

function place(ranks: v128, keys: v128): void {
  const byte = i16x8.shl(ranks, 1);
  store<u16>(sortedKeysAt + i16x8.extract_lane_u(byte, 0), i16x8.extract_lane_u(keys, 0));
  store<u16>(sortedKeysAt + i16x8.extract_lane_u(byte, 1), i16x8.extract_lane_u(keys, 1));
  store<u16>(sortedKeysAt + i16x8.extract_lane_u(byte, 2), i16x8.extract_lane_u(keys, 2));
  store<u16>(sortedKeysAt + i16x8.extract_lane_u(byte, 3), i16x8.extract_lane_u(keys, 3));
  store<u16>(sortedKeysAt + i16x8.extract_lane_u(byte, 4), i16x8.extract_lane_u(keys, 4));
  store<u16>(sortedKeysAt + i16x8.extract_lane_u(byte, 5), i16x8.extract_lane_u(keys, 5));
  store<u16>(sortedKeysAt + i16x8.extract_lane_u(byte, 6), i16x8.extract_lane_u(keys, 6));
  store<u16>(sortedKeysAt + i16x8.extract_lane_u(byte, 7), i16x8.extract_lane_u(keys, 7));
}

/** Moves the sorted rows one by one to the left, and notes each threshold between two bins. */
function scanShort(minRows: i32): i32 {
  let onLeft: i32 = 0;
  let leftSquares: i32 = 0;
  let rightSquares = i32(squares);
  let at: usize = 0;
  const last = n - minRows;
  let key = i32(load<u16>(sortedKeysAt));
  for (let k = 0; k < last; k++) {
    const place = (key & 63) << 2;
    const code = usize(load<i32>(nodeCodesAt + place)) << 2;
    const count = load<i32>(nodeCountsAt + place);
    const left = load<i32>(onLeftAt + code);
    const right = load<i32>(totalsAt + code) - left;
    store<i32>(onLeftAt + code, left + count);
    leftSquares += count * (2 * left + count);
    rightSquares -= count * (2 * right - count);
    onLeft += count;
    const next = i32(load<u16>(sortedKeysAt + ((k + 1) << 1)));
    note(at, leftSquares, rightSquares, onLeft);
    store<i32>(edgesAt + at, ((key >> 6) + (next >> 6) - 1) >> 1);
    at += usize(i32(key >> 6 !== next >> 6) & i32(k + 1 >= minRows)) << 2;
    key = next;
  }
  emptyLeft();
  return bestNoted(at, weight);
}
