/**
 * Rows of all groups in turn: the first of each, then the second of each, in the order of the groups' numbers.
 * @param groups - one a row.
 * @param most - how many rows at most.
 */
export function rowsInTurn(groups: ArrayLike<number>, most: number): number[] {
  const rowsOf = new Map<number, number[]>();
  for (let row = 0; row < groups.length; row++) {
    const rows = rowsOf.get(groups[row]!) ?? [];
    if (rows.length < most) rows.push(row);
    rowsOf.set(groups[row]!, rows);
  }
  const lists = [...rowsOf].sort(([a], [b]) => a - b).map(([, rows]) => rows);
  const turns = Array.from({ length: most }, (_, turn) =>
    lists.flatMap((rows) => rows.slice(turn, turn + 1)),
  );
  return turns.flat().slice(0, most);
}
