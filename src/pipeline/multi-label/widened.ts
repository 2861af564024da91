/**
 * What a head decides, among more labels than it knows: it never gives the others.
 * @param decided - `[n, own]`. @returns `[n, all]`.
 */
export function widened(own: readonly string[], all: readonly string[], decided: Uint8Array): Uint8Array {
  const rows = decided.length / own.length;
  const columns = own.map((label) => all.indexOf(label));
  const out = new Uint8Array(rows * all.length);
  for (let i = 0; i < rows; i++) {
    columns.forEach((column, k) => {
      out[i * all.length + column] = decided[i * own.length + k]!;
    });
  }
  return out;
}
