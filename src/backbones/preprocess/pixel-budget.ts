/** Pixels that may be held at a time: who wants more than are left waits, in turn. */
export interface PixelBudget {
  /** Pixels that are held now. */
  readonly held: number;
  /** @returns what gives them back. An image of more than the whole budget is let in once it would be alone. */
  take(pixels: number): Promise<() => void>;
}

/** Images of fewer pixels (3 MB decoded) are not counted: the number prepared at a time bounds them. */
export const UNCOUNTED_PIXELS = 2 ** 20;

/** A budget of so many pixels; decoded, each takes three bytes, four or more where it is transparent. */
export function pixelBudget(total: number): PixelBudget {
  const waiting: { readonly pixels: number; readonly start: () => void }[] = [];
  let held = 0;
  const admitWaiting = (): void => {
    while (waiting.length > 0 && (held === 0 || held + waiting[0]!.pixels <= total)) {
      const { pixels, start } = waiting.shift()!;
      held += pixels;
      start();
    }
  };
  return {
    get held() {
      return held;
    },
    take(pixels) {
      let given = false;
      const giveBack = (): void => {
        if (given) return;
        given = true;
        held -= pixels;
        admitWaiting();
      };
      return new Promise((resolve) => {
        waiting.push({ pixels, start: () => resolve(giveBack) });
        admitWaiting();
      });
    },
  };
}
