/** How a long computation runs; none of it changes the result beyond rounding. */
export interface ComputeControl {
  /** Default: the processors that this process may use. */
  readonly threads?: number | undefined;
  /** Aborting throws `interrupted` where the computation next looks. */
  readonly signal?: AbortSignal | undefined;
}
