import { RecordBatchReader, type Schema } from "apache-arrow";
import { ipcEncoder } from "../file/ipc-encoder.js";

/** The key under which Arrow's libraries keep a table's schema in Parquet files. */
export const ARROW_SCHEMA = "ARROW:schema";

/** A schema as the text that stands under `ARROW:schema`: base64 of an IPC schema message. */
export function arrowSchemaText(schema: Schema): string {
  return Buffer.from(ipcEncoder(schema, "stream").head()).toString("base64");
}

/** The schema in such a text; null where it is none. */
export function parseArrowSchema(text: string): Schema | null {
  try {
    const reader = RecordBatchReader.from(Buffer.from(text, "base64")).open();
    return (reader.schema as Schema | undefined) ?? null;
  } catch {
    return null;
  }
}
