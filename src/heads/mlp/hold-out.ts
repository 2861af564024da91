import type { Random } from "../../core/random.js";
import type { Labels } from "../classifier.js";
import { countClasses } from "../labels.js";

/** Fewer rows than this say too little of when to stop. */
const LEAST_HELD = 10;

/** Row numbers, rising. */
export interface HeldOut {
  readonly train: Int32Array;
  /** Empty where too few rows would be held out. */
  readonly held: Int32Array;
}

/** Draws a share of the rows of each class to hold out; one row of each class stays at least. */
export function holdOut(y: Labels, share: number, draw: Random): HeldOut {
  const every = Int32Array.from({ length: y.codes.length }, (_, i) => i);
  const wanted = countClasses(y).map((rows) => Math.min(rows - 1, Math.round(rows * share)));
  if (wanted.reduce((sum, rows) => sum + rows, 0) < LEAST_HELD)
    return { train: every, held: new Int32Array(0) };
  const isHeld = new Uint8Array(every.length);
  for (const row of draw.shuffle(every.slice())) {
    const code = y.codes[row]!;
    if (wanted[code]! === 0) continue;
    wanted[code]!--;
    isHeld[row] = 1;
  }
  return { train: every.filter((row) => isHeld[row] === 0), held: every.filter((row) => isHeld[row] === 1) };
}
