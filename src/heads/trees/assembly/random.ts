// AssemblyScript: src/core/random.ts once more, the same numbers from the same seed.

let a: u32 = 0;
let b: u32 = 0;
let c: u32 = 0;
let d: u32 = 0;
let state: u32 = 0;

function splitmix(): u32 {
  state += 0x9e3779b9;
  let z = state;
  z = (z ^ (z >> 16)) * 0x85ebca6b;
  z = (z ^ (z >> 13)) * 0xc2b2ae35;
  return z ^ (z >> 16);
}

export function seedRandom(seed: u32): void {
  state = seed;
  a = splitmix();
  b = splitmix();
  c = splitmix();
  d = splitmix() | 1;
}

/** Uniform in [0, 1). */
export function draw(): f64 {
  const bits = rotl<u32>(b * 5, 7) * 9;
  const t = b << 9;
  c ^= a;
  d ^= b;
  b ^= c;
  a ^= d;
  c ^= t;
  d = rotl<u32>(d, 11);
  return f64(bits) / 4294967296.0;
}

/** Uniform in [0, n). */
export function drawInteger(n: i32): i32 {
  return i32(draw() * f64(n));
}
