import type { KnnOptions } from "./knn-options.js";

/**
 * The classes' shares among the neighbours of a row.
 * @param shares - one a class, written; rounded to float32 under `distance`, so that equal shares stay equal.
 */
export function sharesOfNeighbours(
  weights: KnnOptions["weights"],
  codes: Int32Array,
  neighbours: Int32Array,
  distances: Float64Array,
  shares: Float64Array,
): void {
  const exact = weights === "distance" && distances.includes(0);
  let total = 0;
  for (let j = 0; j < neighbours.length; j++) {
    const distance = distances[j]!;
    const weight = weights === "uniform" ? 1 : exact ? Number(distance === 0) : 1 / distance;
    shares[codes[neighbours[j]!]!]! += weight;
    total += weight;
  }
  for (let c = 0; c < shares.length; c++) {
    const share = shares[c]! / total;
    shares[c] = weights === "uniform" ? share : Math.fround(share);
  }
}
