/** Longer runs of combining marks are no writing; normalisers sort each run, in time quadratic in its length. */
export const LONGEST_RUN = 256;

/** Marks, the two half-width letters that become marks among them; at most so many that the engine's stack holds them. */
const MARKS = /[\p{M}\uff9e\uff9f]{1,4096}/gu;

/** Where each run of combining marks begins and ends. */
export function* markRuns(text: string): Generator<{ readonly start: number; readonly end: number }> {
  let start = -1;
  let end = -1;
  for (const { index, 0: part } of text.matchAll(MARKS)) {
    if (index !== end) {
      if (end > start) yield { start, end };
      start = index;
    }
    end = index + part.length;
  }
  if (end > start) yield { start, end };
}

/**
 * The text with every run of more than 256 combining marks cut to 256, so that no normaliser takes long over it.
 * All other text comes out as it is.
 */
export function cutMarks(text: string): string {
  if (text.length <= LONGEST_RUN) return text;
  const kept: string[] = [];
  let from = 0;
  for (const { start, end } of markRuns(text)) {
    if (end - start <= LONGEST_RUN) continue;
    kept.push(text.slice(from, endOfCharacter(text, start + LONGEST_RUN)));
    from = end;
  }
  return kept.length === 0 ? text : kept.join("") + text.slice(from);
}

/** `at`, or one more where that would part a pair of surrogates. */
export function endOfCharacter(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff ? at + 1 : at;
}
