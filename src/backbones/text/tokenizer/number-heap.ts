/** A heap of numbers, the smallest on top. */
export interface NumberHeap {
  push(value: number): void;
  /** Takes the smallest out; undefined where there is none. */
  pop(): number | undefined;
}

/** An empty heap. */
export function numberHeap(): NumberHeap {
  const values: number[] = [];
  return {
    push(value) {
      let at = values.push(value) - 1;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (values[parent]! <= value) break;
        values[at] = values[parent]!;
        at = parent;
      }
      values[at] = value;
    },
    pop() {
      const top = values[0];
      const last = values.pop();
      if (last === undefined || values.length === 0) return top;
      let at = 0;
      for (;;) {
        let child = 2 * at + 1;
        if (child >= values.length) break;
        if (child + 1 < values.length && values[child + 1]! < values[child]!) child++;
        if (values[child]! >= last) break;
        values[at] = values[child]!;
        at = child;
      }
      values[at] = last;
      return top;
    },
  };
}
