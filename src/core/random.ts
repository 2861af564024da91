/** A seeded source of random numbers; the same seed gives the same sequence on every platform. */
export interface Random {
  /** Uniform in [0, 1), 32 bits of resolution. */
  next(): number;
  /** Uniform integer in [0, n). */
  integer(n: number): number;
  /** Fisher-Yates, in place; returns its argument. */
  shuffle<T extends { [index: number]: unknown; length: number }>(items: T): T;
  /** An independent stream, for a tree, a fold or a worker. */
  fork(): Random;
}

/**
 * xoshiro128** seeded through splitmix32.
 * @param seed - any integer; only its low 32 bits count.
 * @see Blackman & Vigna, "Scrambled linear pseudorandom number generators", 2021.
 */
export function random(seed: number): Random {
  let state = seed >>> 0;
  const splitmix = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  let a = splitmix();
  let b = splitmix();
  let c = splitmix();
  let d = splitmix() | 1;
  const bits = (): number => {
    const times5 = Math.imul(b, 5);
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  const self: Random = {
    next: () => bits() / 4294967296,
    integer: (n) => Math.floor((bits() / 4294967296) * n),
    shuffle: (items) => {
      for (let i = items.length - 1; i > 0; i--) {
        const j = self.integer(i + 1);
        const held = items[i];
        items[i] = items[j];
        items[j] = held;
      }
      return items;
    },
    fork: () => random(bits()),
  };
  return self;
}
