/**
 * The rows of each fold, and those of all others.
 * @param assigned - the fold of each row, from 0 on.
 */
export function rowsOfFold(assigned: Int32Array): { inside: number[]; held: number[] }[] {
  const folds = assigned.reduce((most, fold) => Math.max(most, fold + 1), 0);
  return Array.from({ length: folds }, (_, fold) => {
    const inside: number[] = [];
    const held: number[] = [];
    assigned.forEach((part, row) => {
      (part === fold ? held : inside).push(row);
    });
    return { inside, held };
  });
}
