import { Message, type Schema } from "apache-arrow";
import { checkMessageBytes } from "../../data/arrow-metadata.js";
import { isOurSchema } from "./arrow-vector-table.js";

/** Bytes that say how long the schema is, and the most that are looked at for it. */
const PREFIX = 8;
const MOST_SCHEMA = 16 * 2 ** 20;

/** How many bytes of an Arrow IPC stream hold its schema. @param start - its first 8 bytes. */
export function schemaBytes(start: Buffer): number {
  const length = start.length < PREFIX ? 0 : start.readInt32LE(4);
  return length > 0 && length <= MOST_SCHEMA ? PREFIX + length : PREFIX;
}

/**
 * Whether an Arrow IPC stream holds something else than embeddings of ours. One that is damaged is left to its reader.
 * @param start - the bytes that hold its schema.
 */
export function isForeignStream(name: string, start: Buffer): boolean {
  try {
    const bytes = start.subarray(PREFIX);
    checkMessageBytes(bytes);
    return !isOurSchema(name, Message.decode(bytes).header() as unknown as Schema);
  } catch {
    return false;
  }
}
