import { type HeldRows, moduleRows, plainRows, scratchBytes } from "./svm-held-rows.js";
import { type RowModule, rowModule } from "./svm-row-module.js";

/** Room for kernel rows, all of one length. */
export interface RowSpace {
  /** `[capacity, n]`. */
  readonly data: Float32Array;
  /** The rows at some places, without a copy. @param columns - what each is of the columns. */
  held(places: Int32Array, columns: Int32Array): HeldRows;
}

/** Room for a whole kernel matrix, written tile by tile. */
export interface TileSpace {
  /** `[side, side]`, to be filled with the kernel values of a band of rows with a band of columns. */
  readonly tile: Float32Array;
  /** Copies the tile to where it belongs, and its transpose to its own place. */
  place(band: number, columns: number): void;
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
      const layout = { columns: n, rowBytes: 4 * n, rowsAt, scratchAt };
      return {
        data: new Float32Array(module.memory.buffer, rowsAt, capacity * n),
        held: (places, columns) => moduleRows(module, layout, places, columns),
      };
    },
    tiles(n, side, atOnce) {
      const tileAt = lines(scratchAt + scratchBytes(n, atOnce));
      const rowsAt = lines(tileAt + 4 * side * side);
      const rowBytes = lines(4 * n);
      // What is mirrored comes in fours of rows.
      if (module === null || !reserve(module, rowsAt + (n + 3) * rowBytes)) return null;
      const layout = { columns: n, rowBytes, rowsAt, scratchAt };
      const tile = new Float32Array(module.memory.buffer, tileAt, side * side);
      const all = new Float32Array(module.memory.buffer);
      return {
        tile,
        place(band, columns) {
          const [top, left] = [band * side, columns * side];
          const height = Math.min(side, n - top);
          const width = Math.min(side, n - left);
          for (let i = 0; i < height; i++) {
            const from = tileAt / 4 + i * side;
            all.copyWithin((rowsAt + (top + i) * rowBytes) / 4 + left, from, from + width);
          }
          if (band === columns) return;
          for (let i = 0; i < height; i += LINE) {
            for (let j = 0; j < width; j += STEP) {
              const fours = Math.ceil(Math.min(STEP, width - j) / 4);
              for (let part = i; part < Math.min(i + LINE, height); part += 4) {
                const to = rowsAt + (left + j) * rowBytes + 4 * (top + part);
                module.transpose(tileAt + 4 * (part * side + j), 4 * side, to, rowBytes, fours);
              }
            }
          }
        },
        held: (rows) => moduleRows(module, layout, rows, rows),
      };
    },
  };
}

/** Values of a line of the cache: so many of a column are written to a row before the next. */
const LINE = 16;
/** Columns that are mirrored at a time: their lines stay in the cache until they are full. */
const STEP = 64;
/** To whole lines of the cache. */
const lines = (bytes: number): number => Math.ceil(bytes / (4 * LINE)) * 4 * LINE;

/** False where so many bytes are too many. */
function reserve({ memory }: RowModule, bytes: number): boolean {
  if (bytes > MOST_BYTES) return false;
  const lacking = bytes - memory.buffer.byteLength;
  if (lacking > 0) memory.grow(Math.ceil(lacking / 65536));
  return true;
}
