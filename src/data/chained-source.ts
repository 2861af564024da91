import { HeadstartError } from "../core/errors.js";
import { openTable } from "./open-table.js";
import type { Table, TableEvent, TableSource } from "./table.js";

/**
 * Several tables, one after the other, as one; each record keeps its own file's name and line.
 * @param sizes - bytes of each, for `shareRead`.
 * @throws {HeadstartError} `data` where a table's columns are not those of the first; their order may differ.
 */
export async function chainedSource(
  input: string,
  sources: readonly TableSource[],
  sizes: readonly number[],
): Promise<TableSource> {
  const [first, ...others] = sources as [TableSource, ...TableSource[]];
  const { columns, types } = await openTable(first);
  const agreed = new Map(types);
  for (const source of others) {
    const own = await openTable(source);
    checkColumns(own, source.name, first.name, columns);
    for (const [column, type] of agreed) {
      const other = own.types.get(column);
      if (other !== type) agreed.set(column, other === null || type === null ? null : "utf8");
    }
  }
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let at = 0;
  let before = 0;
  return {
    name: input,
    rereadable: true,
    position: first.position,
    count: sources.every(({ count }) => count !== null)
      ? sources.reduce((sum, { count }) => sum + count!, 0)
      : null,
    guesses: [
      `${sources.length} files, from ${first.name} to ${sources[sources.length - 1]!.name}`,
      ...first.guesses,
    ],
    shareRead: () =>
      total === 0 ? null : (before + (sources[at]?.shareRead() ?? 0) * (sizes[at] ?? 0)) / total,
    async *events(plan) {
      at = 0;
      before = 0;
      yield { state: "header", columns, types: agreed } satisfies TableEvent;
      for (const source of sources) {
        for await (const event of source.events(plan)) if (event.state !== "header") yield event;
        before += sizes[at]!;
        at++;
      }
    },
  };
}

/** Keys of JSON objects come and go; a table with a header has the same columns everywhere. */
function checkColumns(own: Table, file: string, name: string, columns: readonly string[]): void {
  if (own.sample.length === 0) return;
  const missing = columns.filter((column) => !own.columns.includes(column));
  const added = own.columns.filter((column) => !columns.includes(column));
  if (missing.length === 0 && added.length === 0) return;
  const parts = [
    ...(missing.length > 0 ? [`lacks ${quoted(missing)}`] : []),
    ...(added.length > 0 ? [`has ${quoted(added)} besides`] : []),
  ];
  throw new HeadstartError("data", `${file} ${parts.join(" and ")}: its columns are not those of ${name}`, {
    facts: { file, missing, added },
    hint: "Files that are read together have the same columns; use a narrower pattern.",
  });
}

const quoted = (columns: readonly string[]): string =>
  columns
    .slice(0, 10)
    .map((column) => `'${column}'`)
    .join(", ") + (columns.length > 10 ? " and others" : "");
