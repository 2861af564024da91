/** Candidates of a round are cut to a third, and rows grow threefold, from round to round. */
const FACTOR = 3;

/** A round of successive halving. */
export interface Round {
  /** How many candidates take part. */
  readonly candidates: number;
  /** The share of the training rows that they get; 1 in the last round. */
  readonly share: number;
}

/**
 * The rounds of successive halving, rows being the resource: all candidates on few rows, the best third of them on
 * three times as many, and so on, until at most three meet on all rows, if there are rows enough to begin so low.
 * @param rows - training rows of a fold.
 * @param least - rows that a round must have.
 * @see Jamieson & Talwalkar 2016, "Non-stochastic best arm identification and hyperparameter optimization".
 */
export function halvingRounds(candidates: number, rows: number, least: number): Round[] {
  let count = 1;
  while (FACTOR ** count < candidates && rows / FACTOR ** count >= least) count++;
  const rounds: Round[] = [];
  for (let round = 0, left = candidates; round < count; round++, left = Math.ceil(left / FACTOR)) {
    rounds.push({ candidates: left, share: FACTOR ** (round + 1 - count) });
  }
  return rounds;
}
