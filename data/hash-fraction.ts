import { createHash } from "node:crypto";

/** A number in [0, 1) that depends on the text alone: a seeded draw that no order of rows can change. */
export function hashFraction(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE(0) / 0x1_0000_0000;
}
