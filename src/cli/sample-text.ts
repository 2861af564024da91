import type { SampleCheck } from "../pipeline/types.js";
import { counted } from "./format-number.js";

/** `8 training rows, equal to 1e-7`; the exponent is rounded up. */
export function sampleText(sample: SampleCheck | null): string {
  if (sample === null) return "none stored";
  const { rows, largestDifference: most } = sample;
  const digits = most === 0 ? "" : ` to ${(10 ** Math.ceil(Math.log10(most))).toExponential(0)}`;
  return `${counted(rows, "training row")}, equal${digits}`;
}
