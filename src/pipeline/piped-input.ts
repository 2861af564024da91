import { Readable } from "node:stream";
import { streamSource } from "../data/byte-source.js";
import { peekedSource } from "../data/peeked-source.js";
import { METADATA } from "../embeddings/file/schema.js";

/** What is piped in, looked at and put back. */
export interface PipedInput {
  /** Whether it is an Arrow stream of embeddings, or an Arrow file, which is not read as anything else from a pipe. */
  readonly embeddings: boolean;
  readonly stdin: NodeJS.ReadableStream;
}

/** A schema of ten thousand columns has some. */
const LARGEST_SCHEMA = 64 * 2 ** 20;

/** Looks at the beginning of stdin: an Arrow stream says in its first message whether it holds embeddings. */
export async function pipedInput(stdin: NodeJS.ReadableStream = process.stdin): Promise<PipedInput> {
  const first = await peekedSource(streamSource(stdin, "stdin"), 8);
  const { start } = first;
  if (start.length < 8 || start.readInt32LE(0) !== -1) {
    const embeddings = start.toString("latin1").startsWith("ARROW1");
    return { embeddings, stdin: Readable.from(first.source.bytes()) };
  }
  const length = Math.min(LARGEST_SCHEMA, Math.max(0, start.readInt32LE(4)));
  const second = await peekedSource(first.source, 8 + length);
  return {
    embeddings: second.start.includes(METADATA.format),
    stdin: Readable.from(second.source.bytes()),
  };
}
