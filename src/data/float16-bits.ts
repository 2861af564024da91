/** The 16 bits of a half-precision number from its two bytes, little-endian, as Parquet stores it. */
export function float16Bits(cell: unknown): number {
  if (!(cell instanceof Uint8Array) || cell.length !== 2)
    throw new Error("a half-precision number has two bytes");
  return cell[0]! | (cell[1]! << 8);
}
