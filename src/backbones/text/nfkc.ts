import { endOfCharacter, LONGEST_RUN, markRuns } from "./combining-marks.js";

/**
 * Unicode normalisation form KC in time linear in the text's length, whatever the text: a run of more than 256 combining
 * marks is normalised in blocks of 256. All other text comes out as `String.prototype.normalize` gives it.
 * @see Unicode Standard Annex #15, "Stream-Safe Text Format", for the same idea with a limit of 30.
 */
export function nfkc(text: string): string {
  if (text.length <= LONGEST_RUN) return text.normalize("NFKC");
  const blocks: string[] = [];
  let from = 0;
  for (const { start, end } of markRuns(text)) {
    for (let cut = start + LONGEST_RUN; cut < end; cut += LONGEST_RUN) {
      const whole = endOfCharacter(text, cut);
      blocks.push(text.slice(from, whole).normalize("NFKC"));
      from = whole;
    }
  }
  return blocks.join("") + text.slice(from).normalize("NFKC");
}
