import { throwIfInterrupted } from "../../core/interrupted.js";
import type { KernelBlocks } from "./svm-kernel-blocks.js";
import type { KernelRows, KernelRowsOptions } from "./svm-kernel-rows.js";

/** Rows and columns of a tile, between these: its products stay in a processor's own cache. */
const [LEAST_SIDE, MOST_SIDE] = [400, 640];

/** How many tiles cover n rows both ways, and the side of each: a multiple of 4, not of a power of two. */
function tiling(n: number): { count: number; side: number } {
  let best = { count: 1, side: sideOf(n, 1) };
  for (let count = Math.ceil(n / MOST_SIDE); count * LEAST_SIDE <= n; count++) {
    const side = sideOf(n, count);
    if (best.side > MOST_SIDE || count * side < best.count * best.side) best = { count, side };
  }
  return best;
}

function sideOf(n: number, count: number): number {
  const side = 4 * Math.ceil(n / count / 4);
  return side % 128 === 0 ? side + 4 : side;
}

/**
 * The kernel of n rows with each other, computed as a whole when first asked for: tiles above the diagonal, and their
 * mirrors.
 * @returns null where there is no memory of that kind.
 */
export function kernelTiles(
  blocks: KernelBlocks,
  n: number,
  atOnce: number,
  { signal, spaces }: Pick<KernelRowsOptions, "signal" | "spaces">,
): KernelRows | null {
  const { count, side } = tiling(n);
  const space = spaces.tiles(n, side, atOnce);
  if (space === null) return null;
  const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, k) => from + k);
  let filled = false;
  return {
    kind: "rows",
    atOnce,
    async rows(wanted) {
      const right = filled ? null : blocks.right(range(0, count * side));
      for (let band = 0; right !== null && band < count; band++) {
        throwIfInterrupted(signal);
        const left = blocks.left(right, range(band * side, (band + 1) * side));
        for (let columns = band; columns < count; columns++) {
          await blocks.compute(left, right, columns * side, (columns + 1) * side, space.tile);
          space.place(band, columns);
        }
      }
      filled = true;
      return space.held(Int32Array.from(wanted));
    },
  };
}
