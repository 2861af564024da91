/**
 * Rounds the class weights of a leaf to shares on a grid so coarse that float32 sums over `trees` trees are exact.
 * A runtime may then add the trees in any order, on any number of threads: ties stay ties.
 * @returns shares that sum to 1; with 100 trees the grid is 2^-16.
 */
export function exactShares(trees: number): (weights: Float64Array) => Float64Array {
  const grid = 2 ** (23 - Math.ceil(Math.log2(trees)));
  return (weights) => {
    let total = 0;
    for (const weight of weights) total += weight;
    const shares = weights.map((weight) => Math.round((weight / total) * grid));
    let sum = 0;
    let largest = 0;
    shares.forEach((share, c) => {
      sum += share;
      if (share > shares[largest]!) largest = c;
    });
    shares[largest]! += grid - sum;
    return shares.map((share) => share / grid);
  };
}
