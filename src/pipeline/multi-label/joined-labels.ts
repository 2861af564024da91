/**
 * Writes several labels as one text: joined by the first of `|`, `;` and `,` that occurs in none of a head's labels,
 * or as a JSON array where all do.
 * @param known - all labels of the head.
 */
export function labelJoiner(known: readonly string[]): (labels: readonly string[]) => string {
  const separator = ["|", ";", ","].find((one) => !known.some((label) => label.includes(one)));
  return separator === undefined ? (labels) => JSON.stringify(labels) : (labels) => labels.join(separator);
}
