/** Low bits of a key, which hold the place; the bin is above them. */
export const PLACE_BITS = 23;
export const PLACE_MASK = (1 << PLACE_BITS) - 1;

/** Sorts `keys[0…n)`: for nodes of a few rows nothing is faster. */
export function sortByInsertion(keys: Int32Array, n: number): void {
  for (let k = 1; k < n; k++) {
    const key = keys[k]!;
    let at = k;
    while (at > 0 && keys[at - 1]! > key) {
      keys[at] = keys[at - 1]!;
      at--;
    }
    keys[at] = key;
  }
}

/** Sorts `keys[0…n)` by bin alone, stably, through `spare`; `counts` has room for 257 numbers. */
export function sortByCounting(keys: Int32Array, n: number, spare: Int32Array, counts: Int32Array): void {
  counts.fill(0);
  for (let k = 0; k < n; k++) counts[(keys[k]! >> PLACE_BITS) + 1]!++;
  for (let bin = 1; bin < 256; bin++) counts[bin]! += counts[bin - 1]!;
  for (let k = 0; k < n; k++) spare[counts[keys[k]! >> PLACE_BITS]!++] = keys[k]!;
  for (let k = 0; k < n; k++) keys[k] = spare[k]!;
}
