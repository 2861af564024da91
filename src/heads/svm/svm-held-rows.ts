import { type BlockPasses, modulePasses, passBytes, plainPasses } from "./svm-block-passes.js";
import type { RowModule } from "./svm-row-module.js";

/** Some rows of a kernel, as a solver uses them. */
export interface HeldRows {
  /** Adds to each `F[t]` the rows' values at column `at[t]`, row s weighed by `weights[s]`. */
  addTo(F: Float64Array, weights: Float64Array, at: Int32Array): void;
  /** The rows with each other, as a block to solve; valid until the next call of any rows of this kernel. */
  block(): BlockPasses;
}

/** Rows in ordinary memory, in plain loops. @param columns - what each row is of the columns. */
export function plainRows(rows: readonly Float32Array[], columns: Int32Array): HeldRows {
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
    block() {
      const values = new Float32Array(rows.length * columns.length);
      rows.forEach((row, s) => {
        for (let k = 0; k < columns.length; k++) values[s * columns.length + k] = row[columns[k]!]!;
      });
      return plainPasses(values, columns.length);
    },
  };
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

/** Where rows of a kernel lie in a module's memory, in bytes; up to three values behind the last column may be read. */
export interface RowLayout {
  readonly columns: number;
  /** From a row to the next. */
  readonly rowBytes: number;
  readonly rowsAt: number;
  /** Room for numbers between. */
  readonly scratchAt: number;
}

/** Bytes of a layout's scratch: rows of so many columns, up to `atOnce` of them. */
export function scratchBytes(columns: number, atOnce: number): number {
  const { end } = scratchMap(0, columns, atOnce);
  return end;
}

function scratchMap(at: number, columns: number, size: number) {
  const sums = at + 4 * fours(size);
  const square = sums + 8 * (fours(columns) + CHUNK);
  const stride = fours(size) + STAGGER;
  const passes = square + 4 * stride * (fours(size) + 1);
  return { offsets: at, sums, square, stride, passes, end: passes + passBytes(size) };
}

/** To whole blocks of 16 bytes. */
const fours = (elements: number): number => (elements + 3) & ~3;

/** Rows a power of two apart would share the same few places of the cache. */
const STAGGER = 16;

/** Columns that are wanted or not together. */
const CHUNK = 64;

/**
 * Rows in a module's memory, of a symmetric kernel.
 * @param places - of the layout's rows. @param columns - what each is of the columns.
 */
export function moduleRows(
  module: RowModule,
  layout: RowLayout,
  places: Int32Array,
  columns: Int32Array,
): HeldRows {
  const { rowBytes, rowsAt } = layout;
  const { buffer } = module.memory;
  const size = places.length;
  const scratch = scratchMap(layout.scratchAt, layout.columns, size);
  const rowAt = (place: number): number => rowsAt + place * rowBytes;
  return {
    addTo(F, weights, at) {
      const used = Int32Array.from(weights.keys()).filter((s) => weights[s] !== 0);
      const sums = new Float64Array(buffer, scratch.sums, layout.columns).fill(0);
      // Beyond the last row the first stands in, and weighs nothing.
      const rows = new Float64Array(fours(used.length)).map((_, k) => rowAt(places[used[k] ?? used[0]!]!));
      const w = rows.map((_, k) => (k < used.length ? weights[used[k]!]! : 0));
      for (const [from, to] of stretchesOf(at, layout.columns)) {
        const target = scratch.sums + 8 * from;
        const o = 4 * from;
        const count = fours(to - from) / 4;
        for (let k = 0; k < rows.length; k += 4) {
          const [a, b, c, d] = [rows[k]! + o, rows[k + 1]! + o, rows[k + 2]! + o, rows[k + 3]! + o];
          module.addFour(target, a, b, c, d, w[k]!, w[k + 1]!, w[k + 2]!, w[k + 3]!, count);
        }
      }
      for (let t = 0; t < F.length; t++) F[t]! += sums[at[t]!]!;
    },
    block() {
      const { offsets, square, stride, passes } = scratch;
      const side = fours(size);
      const byColumn = new Int32Array(buffer, offsets, side).fill(0);
      for (let k = 0; k < size; k++) byColumn[k] = 4 * columns[k]!;
      // Each row from its own column on; the rest is the mirror of that.
      for (let s = 0; s < size; s++) {
        const from = s & ~3;
        const out = square + 4 * (s * stride + from);
        module.gather(rowAt(places[s]!), offsets + 4 * from, out, (side - from) / 4);
      }
      for (let s = 0; s + 4 < side; s += 4) {
        const from = square + 4 * (s * stride + s + 4);
        const to = square + 4 * ((s + 4) * stride + s);
        module.transpose(from, 4 * stride, to, 4 * stride, (side - s - 4) / 4);
      }
      return modulePasses(module, { square, stride, at: passes, size });
    },
  };
}

/** Stretches of columns that hold all that are asked for, each from a multiple of 4 on. */
function stretchesOf(at: Int32Array, columns: number): [from: number, to: number][] {
  const wanted = new Uint8Array(Math.ceil(columns / CHUNK));
  for (let t = 0; t < at.length; t++) wanted[Math.floor(at[t]! / CHUNK)] = 1;
  const found: [number, number][] = [];
  for (let chunk = 0; chunk < wanted.length; chunk++) {
    if (wanted[chunk] === 0) continue;
    const from = chunk * CHUNK;
    const to = Math.min(from + CHUNK, columns);
    const last = found.at(-1);
    if (last?.[1] === from) last[1] = to;
    else found.push([from, to]);
  }
  return found;
}
