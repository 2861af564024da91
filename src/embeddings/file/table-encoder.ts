import { Field, Float32, Schema, Table, Utf8, vectorFromArray } from "apache-arrow";
import { ipcEncoder } from "./ipc-encoder.js";

/** A column of a plain result table. */
export interface TableColumn {
  readonly name: string;
  readonly type: "utf8" | "float32";
  readonly nullable: boolean;
}

/** Turns batches of rows into the bytes of an Arrow IPC file. */
export interface TableEncoder {
  head(): Uint8Array;
  /** @param rows - cells in the order of the columns. */
  batch(rows: readonly (readonly (string | number | null)[])[]): Uint8Array;
  tail(): Uint8Array;
}

/** An Arrow file of text and number columns, a batch at a time, nothing kept. */
export function tableEncoder(columns: readonly TableColumn[]): TableEncoder {
  const fields = columns.map(
    ({ name, type, nullable }) => new Field(name, type === "utf8" ? new Utf8() : new Float32(), nullable),
  );
  const schema = new Schema(fields);
  const encoder = ipcEncoder(schema, "file");
  return {
    head: () => encoder.head(),
    tail: () => encoder.tail(),
    batch(rows) {
      const vectors = columns.map(({ name, type }, j) => {
        const cells = rows.map((row) => row[j]!);
        return [
          name,
          type === "utf8" ? vectorFromArray(cells, new Utf8()) : vectorFromArray(cells, new Float32()),
        ];
      });
      const { batches } = new Table(schema, Object.fromEntries(vectors));
      return Buffer.concat(batches.map((batch) => encoder.batch(batch)));
    },
  };
}
