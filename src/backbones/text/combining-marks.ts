/** Longer runs of combining marks are no writing; normalisers sort each run, in time quadratic in its length. */
export const LONGEST_RUN = 256;

/** Runs of marks, the two half-width letters that become marks among them. */
export const MARKS = /[\p{M}\uff9e\uff9f]+/gu;

/**
 * The text with every run of more than 256 combining marks cut to 256, so that no normaliser takes long over it.
 * All other text comes out as it is.
 */
export function cutMarks(text: string): string {
  if (text.length <= LONGEST_RUN) return text;
  return text.replace(MARKS, (run) =>
    run.length <= LONGEST_RUN ? run : run.slice(0, endOfCharacter(run, LONGEST_RUN)),
  );
}

/** `at`, or one more where that would part a pair of surrogates. */
export function endOfCharacter(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff ? at + 1 : at;
}
