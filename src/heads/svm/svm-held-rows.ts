/** Some rows of a kernel, as a solver uses them. */
export interface HeldRows {
  /** Adds to each `F[t]` the rows' values at column `at[t]`, row s weighed by `weights[s]`. */
  addTo(F: Float64Array, weights: Float64Array, at: Int32Array): void;
  /** The rows' values at some columns, `[rows, columns]`; valid until the next call of any rows of this kernel. */
  square(columns: Int32Array): Float32Array;
}

/** Rows in ordinary memory, in plain loops. */
export function plainRows(rows: readonly Float32Array[]): HeldRows {
  return {
    addTo(F, weights, at) {
      const used = Int32Array.from(weights.keys()).filter((s) => weights[s] !== 0);
      const zero = used.length % 4 === 0 ? null : new Float32Array(rows[0]!.length);
      for (let k = 0; k < used.length; k += 4) {
        const weight = (offset: number): number =>
          k + offset < used.length ? weights[used[k + offset]!]! : 0;
        const row = (offset: number): Float32Array =>
          k + offset < used.length ? rows[used[k + offset]!]! : zero!;
        addFour(F, at, weight(0), row(0), weight(1), row(1), weight(2), row(2), weight(3), row(3));
      }
    },
    square(columns) {
      const values = new Float32Array(rows.length * columns.length);
      rows.forEach((row, s) => {
        gather(values, s * columns.length, row, columns);
      });
      return values;
    },
  };
}

function gather(values: Float32Array, offset: number, row: Float32Array, columns: Int32Array): void {
  for (let k = 0; k < columns.length; k++) values[offset + k] = row[columns[k]!]!;
}

/** Four rows at a time: F is then read and written a quarter as often. */
function addFour(
  F: Float64Array,
  at: Int32Array,
  wa: number,
  a: Float32Array,
  wb: number,
  b: Float32Array,
  wc: number,
  c: Float32Array,
  wd: number,
  d: Float32Array,
): void {
  for (let t = 0; t < F.length; t++) {
    const row = at[t]!;
    F[t]! += wa * a[row]! + wb * b[row]! + wc * c[row]! + wd * d[row]!;
  }
}
