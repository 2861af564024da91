import { throwIfInterrupted } from "../../core/interrupted.js";
import type { KernelBlocks } from "./svm-kernel-blocks.js";
import type { KernelRows, KernelRowsOptions } from "./svm-kernel-rows.js";

/** Rows and columns of a tile, between these: its products stay in a processor's own cache. */
const [LEAST_SIDE, MOST_SIDE] = [400, 640];

/** Rows whose whole kernel is computed, however few are asked for: half of it is a mirror, so soon it costs less. */
const MOST_ROWS = 12_288;

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

/** Rows that the tiles of n rows reach; null where their values take more than so many bytes. */
export function tiledRows(n: number, bytes: number): number | null {
  const { count, side } = tiling(n);
  return 4 * n * n <= bytes && n <= MOST_ROWS ? count * side : null;
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
  let filled = false;
  return {
    atOnce,
    async rows(wanted) {
      for (let band = 0; !filled && band < count; band++) {
        throwIfInterrupted(signal);
        for (let columns = band; columns < count; columns++) {
          await blocks.tile(band * side, columns * side, side, space.tile);
          space.place(band, columns);
        }
      }
      filled = true;
      return space.held(Int32Array.from(wanted));
    },
  };
}
