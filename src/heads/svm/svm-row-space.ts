import { type HeldRows, plainRows } from "./svm-held-rows.js";
import { rowModule } from "./svm-row-module.js";

/** Room for kernel rows, all of one length. */
export interface RowSpace {
  /** `[capacity, n]`. */
  readonly data: Float32Array;
  /** The rows at some places, without a copy. */
  held(places: Int32Array): HeldRows;
}

/** WebAssembly's addresses end at 4 GiB; some is left for the rest. */
const MOST_BYTES = 3.5 * 2 ** 30;

/** Gives out the same memory again and again, larger where more is asked for: what was given before is gone then. */
export type RowSpaces = (capacity: number, n: number) => RowSpace;

/** Rows go into the memory of WebAssembly where there is any, else into an ordinary array. */
export function rowSpaces(): RowSpaces {
  const module = rowModule();
  return (capacity, n) => {
    const widest = Math.min(capacity, n);
    const columnsAt = 16;
    const sumsAt = columnsAt + 4 * roundUp(widest);
    const squareAt = sumsAt + 8 * roundUp(n);
    const rowsAt = squareAt + 4 * roundUp(widest * widest + 4);
    const bytes = rowsAt + 4 * (capacity * n + 4);
    if (module === null || bytes > MOST_BYTES) {
      const data = new Float32Array(capacity * n);
      return {
        data,
        held: (places) => plainRows(Array.from(places, (p) => data.subarray(p * n, (p + 1) * n))),
      };
    }
    const lacking = bytes - module.memory.buffer.byteLength;
    if (lacking > 0) module.memory.grow(Math.ceil(lacking / 65536));
    const { buffer } = module.memory;
    const data = new Float32Array(buffer, rowsAt, capacity * n);
    const sums = new Float64Array(buffer, sumsAt, n);
    return {
      data,
      held: (places) => ({
        addTo(F, weights, at) {
          const used = Int32Array.from(weights.keys()).filter((s) => weights[s] !== 0);
          sums.fill(0);
          for (const [from, to] of runsOf(at, n)) {
            const fours = (to - from) >> 2;
            for (let k = 0; k < used.length; k += 4) {
              // Beyond the last row the first stands in, and weighs nothing.
              const row = (o: number): number => places[used[k + o < used.length ? k + o : 0]!]! * n + from;
              const weight = (o: number): number => (k + o < used.length ? weights[used[k + o]!]! : 0);
              const [a, b, c, d] = [row(0), row(1), row(2), row(3)];
              const [wa, wb, wc, wd] = [weight(0), weight(1), weight(2), weight(3)];
              if (fours > 0) {
                const address = (start: number): number => rowsAt + 4 * start;
                const target = sumsAt + 8 * from;
                module.addFour(target, address(a), address(b), address(c), address(d), wa, wb, wc, wd, fours);
              }
              for (let j = 4 * fours; j < to - from; j++) {
                sums[from + j]! +=
                  wa * data[a + j]! + wb * data[b + j]! + wc * data[c + j]! + wd * data[d + j]!;
              }
            }
          }
          for (let t = 0; t < F.length; t++) F[t]! += sums[at[t]!]!;
        },
        square(columns) {
          const fours = (columns.length + 3) >> 2;
          const offsets = new Int32Array(buffer, columnsAt, 4 * fours);
          offsets.fill(0);
          for (let k = 0; k < columns.length; k++) offsets[k] = 4 * columns[k]!;
          // What is written beyond the end of a row is written over by the next.
          for (let s = 0; s < places.length; s++) {
            const out = squareAt + 4 * s * columns.length;
            module.gather(rowsAt + 4 * places[s]! * n, columnsAt, out, fours);
          }
          return new Float32Array(buffer, squareAt, places.length * columns.length);
        },
      }),
    };
  };
}

/** To whole blocks of 16 bytes. */
const roundUp = (elements: number): number => (elements + 3) & ~3;

/** More stretches than this are not worth telling apart. */
const MOST_RUNS = 16;

/** The columns that are asked for, as stretches from one up to, not including, another. */
function runsOf(at: Int32Array, n: number): [from: number, to: number][] {
  const runs: [from: number, to: number][] = [];
  for (let t = 0, from = 0; t < at.length; t++) {
    if (t + 1 < at.length && at[t + 1] === at[t]! + 1) continue;
    runs.push([at[from]!, at[t]! + 1]);
    if (runs.length > MOST_RUNS) return [[0, n]];
    from = t + 1;
  }
  const distinct = runs.every(([from], k) =>
    runs.every(([a, b], other) => other === k || from < a || from >= b),
  );
  return distinct ? runs : [[0, n]];
}
