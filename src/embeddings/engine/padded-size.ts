/** What a batch takes with its rows filled up to the longest. */
export function paddedSize(rows: readonly { readonly length: number }[]): number {
  return rows.length * rows.reduce((longest, { length }) => Math.max(longest, length), 0);
}
