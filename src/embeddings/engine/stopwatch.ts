/** Where the seconds of a run go. */
export interface Stopwatch {
  /** Adds the time since the last lap to `phase`. */
  lap(phase: "load" | "embed" | "write"): void;
  seconds(): {
    readonly load: number;
    readonly embed: number;
    readonly write: number;
    readonly total: number;
  };
}

export function stopwatch(): Stopwatch {
  const begun = performance.now();
  const spent = { load: 0, embed: 0, write: 0 };
  let last = begun;
  return {
    lap(phase) {
      const now = performance.now();
      spent[phase] += (now - last) / 1000;
      last = now;
    },
    seconds: () => ({ ...spent, total: (performance.now() - begun) / 1000 }),
  };
}
