/** What each byte of telephone sound stands for, from -1 to 1 (ITU-T G.711, 16-bit values over 32,768). */
export function companded(law: "a-law" | "mu-law"): Float32Array {
  return Float32Array.from(
    { length: 256 },
    (_, byte) => (law === "a-law" ? aLaw(byte) : muLaw(byte)) / 32_768,
  );
}

function aLaw(byte: number): number {
  const bits = byte ^ 0x55;
  const exponent = (bits >> 4) & 7;
  const step = ((bits & 15) << 4) + 8;
  const size = exponent === 0 ? step : (step + 256) << (exponent - 1);
  return bits & 0x80 ? size : -size;
}

function muLaw(byte: number): number {
  const bits = ~byte & 0xff;
  const size = ((((bits & 15) << 3) + 132) << ((bits >> 4) & 7)) - 132;
  return bits & 0x80 ? -size : size;
}
