/** Where a solver stands: the gradient `F` = Kβ + p and the extremes that the conditions are about. */
export interface SmoState {
  readonly beta: Float64Array;
  readonly F: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** The smallest gradient of a variable that may rise. */
  smallest: number;
  /** The largest gradient of a variable that may fall. */
  largest: number;
}
