/** Whether two classifiers, on the same rows, are wrong equally often. */
export interface McnemarTest {
  /** Exact two-sided p. */
  readonly p: number;
  /** The exact one less half its own weight: nearer to the nominal level where few rows differ. */
  readonly midP: number;
}

/**
 * McNemar's test by the binomial distribution: of the rows that one of the two got right, is the half each one's?
 * @param onlyA - rows that A alone got right. @param onlyB - rows that B alone got right.
 * @see McNemar 1947; mid-p: Fagerland, Lydersen & Laake 2013, "The McNemar test for binary matched-pairs data".
 */
export function mcnemarTest(onlyA: number, onlyB: number): McnemarTest {
  const n = onlyA + onlyB;
  const least = Math.min(onlyA, onlyB);
  const point = Math.exp(logChoose(n, least) - n * Math.LN2);
  if (onlyA === onlyB) return { p: 1, midP: 1 - point / 2 };
  // From the largest term down; what is left of it soon adds nothing.
  let tail = 0;
  for (let k = least, term = point; k >= 0 && term > tail * Number.EPSILON; k--) {
    tail += term;
    term *= k / (n - k + 1);
  }
  const p = Math.min(1, 2 * tail);
  return { p, midP: p - point };
}

/** ln of n over k. */
function logChoose(n: number, k: number): number {
  let sum = 0;
  for (let i = 1; i <= k; i++) sum += Math.log((n - k + i) / i);
  return sum;
}
