/** Longer runs of combining marks are no writing; normalisers sort each run, in time quadratic in its length. */
const LONGEST_RUN = 256;
/** Marks, and the two half-width letters that become marks. */
const MARKS = /[\p{M}\uff9e\uff9f]+/gu;

/**
 * Unicode normalisation form KC in time linear in the text's length, whatever the text: a run of more than 256 combining
 * marks is normalised in blocks of 256. All other text comes out as `String.prototype.normalize` gives it.
 * @see Unicode Standard Annex #15, "Stream-Safe Text Format", for the same idea with a limit of 30.
 */
export function nfkc(text: string): string {
  if (text.length <= LONGEST_RUN) return text.normalize("NFKC");
  const blocks: string[] = [];
  let from = 0;
  for (const run of text.matchAll(MARKS)) {
    const end = run.index + run[0].length;
    for (let cut = run.index + LONGEST_RUN; cut < end; cut += LONGEST_RUN) {
      const whole = isLowSurrogate(text.charCodeAt(cut)) ? cut + 1 : cut;
      blocks.push(text.slice(from, whole).normalize("NFKC"));
      from = whole;
    }
  }
  return blocks.join("") + text.slice(from).normalize("NFKC");
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
