import { type Data, DataType, type FixedSizeList, makeData, RecordBatch, Schema, Struct } from "apache-arrow";
import { HeadstartError, messageOf } from "../../core/errors.js";
import { parquetCells } from "../../data/parquet-cells.js";
import { parquetColumn } from "../../data/parquet-column.js";
import { type ParquetFile, type ParquetRowGroup, parquetError } from "../../data/parquet-file.js";
import { parquetLeaves } from "../../data/parquet-leaves.js";
import { parquetLists } from "../../data/parquet-lists.js";
import { schemaProblem, vectorTypeOf } from "../file/batch-columns.js";
import { metaOfSchema, statedMeta } from "../file/open-embeddings.js";
import { MAX_BATCH_ROWS, METADATA } from "../file/schema.js";
import { ARROW_SCHEMA, parseArrowSchema } from "./arrow-schema-text.js";
import { conformSchema } from "./conform-batch.js";
import type { EmbeddingsSource } from "./embeddings-source.js";
import { parquetType } from "./parquet-type.js";

/**
 * Embeddings that were written as Parquet by this program, as a source that gives back what was written.
 * @returns null where the file is another one, or has been rewritten in other types.
 */
export function parquetEmbeddings(file: ParquetFile, name: string): EmbeddingsSource | null {
  const stored = new Map(
    (file.metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value ?? ""]),
  );
  const arrow = stored.get(ARROW_SCHEMA);
  const parsed = stored.has(METADATA.format) && arrow !== undefined ? parseArrowSchema(arrow) : null;
  if (parsed === null || !parsed.metadata.has(METADATA.format)) return null;
  if (schemaProblem(parsed, statedMeta(name, parsed.metadata).backbone.dim) !== null) return null;
  const meta = metaOfSchema(name, parsed);
  const schema = plainSchema(conformSchema(parsed, "text"));
  if (!isStoredAs(schema, file)) return null;
  return {
    name,
    meta,
    schema,
    rows: Number(file.metadata.num_rows),
    notes: [],
    async *batches() {
      for (const group of file.metadata.row_groups) {
        yield* guardedBatches(name, groupBatches(file, group, schema));
      }
    },
    async classes() {
      const seen = { labels: new Set<string>(), splits: new Set<string>() };
      for (const group of file.metadata.row_groups) {
        for (const [column, into] of [
          ["label", seen.labels],
          ["split", seen.splits],
        ] as const) {
          const cells = parquetCells(parquetColumn(file.buffer, file.metadata, group, [column]));
          for (const cell of await cells.take(Number(group.num_rows))) {
            if (cell !== null) into.add(Buffer.from(cell as Uint8Array).toString("utf8"));
          }
        }
      }
      return seen;
    },
    close: async () => file.close(),
  };
}

async function* groupBatches(
  { buffer, metadata }: ParquetFile,
  group: ParquetRowGroup,
  schema: Schema,
): AsyncGenerator<RecordBatch> {
  const list = schema.fields[1]!.type as FixedSizeList;
  const open = (path: string[]) => parquetColumn(buffer, metadata, group, path);
  const columns = schema.fields.map(({ name, type }, i) =>
    i === 1 ? null : { cells: parquetCells(open([name])), type: parquetType(type)! },
  );
  const vectors = parquetLists(open(["embedding", "list", "element"]), list.listSize, MAX_BATCH_ROWS);
  let rows = 0;
  for await (const { rows: length, values, problems } of vectors) {
    const [problem] = problems;
    if (problem) throw new Error(`row ${rows + problem[0] + 1} of a row group ${problem[1]}`);
    const children: Data[] = [];
    for (const column of columns) {
      if (column !== null) children.push(column.type.data(await column.cells.take(length)));
      else {
        const child = makeData({ type: list.valueType, length: values.length, nullCount: 0, data: values });
        children.push(makeData({ type: list, length, nullCount: 0, child }) as Data);
      }
    }
    rows += length;
    const data = makeData({ type: new Struct(schema.fields), length, nullCount: 0, children });
    yield new RecordBatch(schema, data);
  }
  if (rows !== Number(group.num_rows)) {
    throw new Error(`a row group has ${rows} vectors, and claims ${group.num_rows} rows`);
  }
}

/** What goes wrong while pages are decoded means that the file is damaged. */
async function* guardedBatches(
  name: string,
  batches: AsyncGenerator<RecordBatch>,
): AsyncGenerator<RecordBatch> {
  for (;;) {
    let next: IteratorResult<RecordBatch>;
    try {
      next = await batches.next();
    } catch (cause) {
      if (cause instanceof HeadstartError) throw cause;
      throw parquetError(name, `is damaged: ${messageOf(cause)}`, undefined, cause);
    }
    if (next.done) return;
    yield next.value;
  }
}

/** The schema with the values' types in the place of dictionaries: Parquet gives the values. */
function plainSchema({ fields, metadata }: Schema): Schema {
  const plain = fields.map((field) =>
    DataType.isDictionary(field.type) ? field.clone({ type: field.type.dictionary as DataType }) : field,
  );
  return new Schema(plain, metadata);
}

/** Whether every column is there in the physical type that this program writes for it. */
function isStoredAs(schema: Schema, { metadata }: ParquetFile): boolean {
  const leaves = parquetLeaves(metadata);
  return schema.fields.every(({ name, type }, i) => {
    const found = leaves.filter((leaf) => leaf.path[0] === name);
    const [leaf] = found;
    if (leaf === undefined || found.length > 1) return false;
    if (i !== 1) return leaf.path.length === 1 && leaf.element.type === parquetType(type)?.element.type;
    return (
      leaf.path.join(".") === "embedding.list.element" &&
      leaf.element.type === (vectorTypeOf(schema) === "fp16" ? "FIXED_LEN_BYTE_ARRAY" : "FLOAT")
    );
  });
}
