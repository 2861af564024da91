const endings = [
  ...["ness", "less", "ful", "ings", "ing", "edly", "ed", "ers", "er", "iest", "est", "ies", "es", "s"],
  ...["ibly", "ably", "ly", "ious", "ous", "able", "ible", "ish", "some", "ment", "ship", "ity", "ion"],
  ...["ic", "al", "th", "y", "e", "i", "d"],
];

/**
 * A key that a word's inflections share: `love`, `loved`, `loving` and `lovely` all give `lov`.
 * Endings are stripped while three letters remain, a doubled last letter is made single, and four letters are
 * kept. Of several words the last counts. Coarse on purpose: it may join strangers, which does no harm, and seldom parts a family.
 */
export function wordFamily(word: string): string {
  let stem = word.toLowerCase().split(" ").at(-1)!;
  for (;;) {
    const ending = endings.find((e) => stem.endsWith(e) && stem.length - e.length >= 3);
    if (ending === undefined) break;
    stem = stem.slice(0, -ending.length);
  }
  return stem
    .replace(/(.)\1$/, "$1")
    .replace(/i$/, "y")
    .slice(0, 4);
}
