import { type HeldRows, moduleRows, plainRows, scratchBytes } from "./svm-held-rows.js";
import { type RowModule, rowModule } from "./svm-row-module.js";

/** Room for kernel rows, all of one length. */
export interface RowSpace {
  /** `[capacity, n]`. */
  readonly data: Float32Array;
  /** The rows at some places, without a copy. @param columns - what each is of the columns. */
  held(places: Int32Array, columns: Int32Array): HeldRows;
}

/** Room for a whole kernel matrix, in square tiles. */
export interface TileSpace {
  /** Kernel values of a band of rows with a band of columns, `[side, side]`. */
  tile(band: number, columns: number): Float32Array;
  /** Writes a tile's transpose where it belongs. */
  mirror(band: number, columns: number): void;
  held(rows: Int32Array): HeldRows;
}

/** Gives out the same memory again and again, larger where more is asked for: what was given before is gone then. */
export interface RowSpaces {
  /** @param atOnce - rows that are held at a time, at most. */
  rows(capacity: number, n: number, atOnce: number): RowSpace;
  /** @param side - a multiple of 4. @returns null where there is no such memory, or not so much. */
  tiles(n: number, side: number, atOnce: number): TileSpace | null;
}

/** WebAssembly's addresses end at 4 GiB; some is left for the rest. */
const MOST_BYTES = 3.5 * 2 ** 30;

/** Rows go into the memory of WebAssembly where there is any, else into an ordinary array. */
export function rowSpaces(): RowSpaces {
  const module = rowModule();
  const scratchAt = 16;
  return {
    rows(capacity, n, atOnce) {
      const rowsAt = scratchAt + scratchBytes(n, atOnce);
      if (module === null || !reserve(module, rowsAt + 4 * (capacity * n + 4))) {
        const data = new Float32Array(capacity * n);
        const row = (p: number): Float32Array => data.subarray(p * n, (p + 1) * n);
        return { data, held: (places, columns) => plainRows(Array.from(places, row), columns) };
      }
      const bands = { bandRows: capacity, bandBytes: 0, rowBytes: 4 * n };
      const layout = { columns: n, width: n, runBytes: 0, ...bands, rowsAt, scratchAt };
      return {
        data: new Float32Array(module.memory.buffer, rowsAt, capacity * n),
        held: (places, columns) => moduleRows(module, layout, places, columns),
      };
    },
    tiles(n, side, atOnce) {
      const count = Math.ceil(n / side);
      const runBytes = 4 * side * side;
      const rowsAt = scratchAt + scratchBytes(count * side, atOnce);
      if (module === null || !reserve(module, rowsAt + count * count * runBytes)) return null;
      const bands = { bandRows: side, bandBytes: count * runBytes, rowBytes: 4 * side };
      const layout = { columns: n, width: side, runBytes, ...bands, rowsAt, scratchAt };
      const tileAt = (band: number, columns: number): number => rowsAt + (band * count + columns) * runBytes;
      return {
        tile: (band, columns) => new Float32Array(module.memory.buffer, tileAt(band, columns), side * side),
        mirror(band, columns) {
          for (let row = 0; row < side; row += 4) {
            const from = tileAt(band, columns) + 4 * side * row;
            module.transpose(from, 4 * side, tileAt(columns, band) + 4 * row, 4 * side, side / 4);
          }
        },
        held: (rows) => moduleRows(module, layout, rows, rows),
      };
    },
  };
}

/** False where so many bytes are too many. */
function reserve({ memory }: RowModule, bytes: number): boolean {
  if (bytes > MOST_BYTES) return false;
  const lacking = bytes - memory.buffer.byteLength;
  if (lacking > 0) memory.grow(Math.ceil(lacking / 65536));
  return true;
}
