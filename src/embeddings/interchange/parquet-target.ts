import type { FixedSizeList, Schema } from "apache-arrow";
import type { ByteSink } from "../../core/byte-sink.js";
import { HeadstartError } from "../../core/errors.js";
import { type ParquetColumnSpec, parquetEncoder } from "../../data/parquet-encoder.js";
import { vectorTypeOf } from "../file/batch-columns.js";
import { ARROW_SCHEMA, arrowSchemaText } from "./arrow-schema-text.js";
import { conformBatch, conformSchema, vectorValues } from "./conform-batch.js";
import type { EmbeddingsTarget } from "./embeddings-target.js";
import { parquetType } from "./parquet-type.js";

/**
 * Writes embeddings as Parquet, a row group a batch: vectors as lists of `FLOAT` or `FLOAT16`, classes as text, all
 * metadata as key-value metadata, and the Arrow schema where Arrow's libraries look for it.
 * @throws {HeadstartError} `data` if a further column has a type that has no counterpart in Parquet.
 */
export async function parquetTarget(name: string, sink: ByteSink, from: Schema): Promise<EmbeddingsTarget> {
  const schema = conformSchema(from, "text");
  const list = schema.fields[1]!.type as FixedSizeList;
  const types = schema.fields.map((field, i) => {
    const type = i === 1 ? null : parquetType(field.type);
    if (type === null && i !== 1) {
      throw new HeadstartError(
        "data",
        `Column '${field.name}' of type ${field.type} has no place in Parquet`,
        {
          facts: { path: name, column: field.name, type: String(field.type) },
          hint: "Embed again without keeping it, or convert to .arrows.",
        },
      );
    }
    return type;
  });
  const specs = schema.fields.map((field, i): ParquetColumnSpec => {
    if (i === 1) {
      return { kind: "vectors", name: field.name, dim: list.listSize, half: vectorTypeOf(schema) === "fp16" };
    }
    const repetition_type = field.nullable ? "OPTIONAL" : "REQUIRED";
    return { kind: "cells", element: { name: field.name, repetition_type, ...types[i]!.element } };
  });
  const encoder = parquetEncoder(specs, [
    ...Array.from(from.metadata, ([key, value]) => ({ key, value })).filter(
      ({ key }) => key !== ARROW_SCHEMA,
    ),
    { key: ARROW_SCHEMA, value: arrowSchemaText(conformSchema(from, "dictionary")) },
  ]);
  return {
    files: [name],
    write: (batch) => {
      const rows = conformBatch(batch, schema);
      const columns = schema.fields.map((field, i) =>
        i === 1 ? vectorValues(rows, list.listSize) : types[i]!.cells(rows.getChild(field.name)!),
      );
      return sink.write(encoder.group(columns, rows.numRows));
    },
    async finish() {
      await sink.write(encoder.tail());
      await sink.commit();
    },
    discard: () => sink.discard(),
  };
}
