/**
 * The value that would come at place k, from 0, were the values sorted; in linear time.
 * @param values - without NaN; left in another order. @param k - below their number.
 * @see Hoare, "Algorithm 65: Find", Communications of the ACM 4, 1961.
 */
export function nthSmallest(values: Float64Array, k: number): number {
  let from = 0;
  let to = values.length - 1;
  while (from < to) {
    const pivot = middleOf(values[from]!, values[(from + to) >> 1]!, values[to]!);
    let low = from;
    let high = to;
    while (low <= high) {
      while (values[low]! < pivot) low++;
      while (values[high]! > pivot) high--;
      if (low > high) break;
      const value = values[low]!;
      values[low++] = values[high]!;
      values[high--] = value;
    }
    if (k <= high) to = high;
    else if (k >= low) from = low;
    else break;
  }
  return values[k]!;
}

const middleOf = (a: number, b: number, c: number): number =>
  Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
