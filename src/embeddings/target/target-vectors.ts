import { type FileHandle, open } from "node:fs/promises";
import { DataType, Message, type Schema } from "apache-arrow";
import { HeadstartError } from "../../core/errors.js";
import { readAt, readRecords } from "../cache/read-records.js";
import { positionsOf, prefixOf, sortedIndex } from "../cache/segment-format.js";
import { vectorBlock } from "../cache/vector-block.js";
import type { VectorStore } from "../cache/vector-store.js";
import { float16ToFloat32 } from "../file/float16.js";
import { damaged, footerOf, openEmbeddings } from "../file/open-embeddings.js";
import type { VectorType } from "../file/schema.js";
import type { Target } from "./target.js";

/** The vectors of a target by the hash of their content, read from the file where they are asked for. */
export interface TargetVectors extends Pick<VectorStore, "lookup"> {
  close(): Promise<void>;
}

/**
 * @param stored - how vectors of this run are stored: others are not the same values.
 * @throws {HeadstartError} `usage` if the target's are stored otherwise; `format` if they don't lie in the file as they are.
 */
export async function openTargetVectors(target: Target, stored: VectorType): Promise<TargetVectors> {
  const { path, rows, meta } = target;
  if (meta.vectors !== stored) {
    throw new HeadstartError(
      "usage",
      `${path} stores its vectors in ${meta.vectors}; they would now be stored in ${stored}`,
      { facts: { path }, hint: `Add --store ${meta.vectors}, or embed it anew: without --update.` },
    );
  }
  const stride = (stored === "fp16" ? 2 : 4) * meta.backbone.dim;
  const offsetOf = await vectorOffsets(path, stride);
  const prefixes = Uint32Array.from({ length: rows }, (_, row) => prefixOf(target.hashOf(row)));
  const index = sortedIndex(prefixes);
  const rowWith = (hash: Uint8Array): number | undefined =>
    positionsOf(index, prefixOf(hash)).find((row) => Buffer.compare(target.hashOf(row), hash) === 0);
  const handle = await open(path, "r");
  return {
    async lookup(hashes) {
      const found = new Array<Float32Array | null>(hashes.length).fill(null);
      const wanted = hashes.flatMap((hash, i) => {
        const row = rowWith(hash);
        return row === undefined ? [] : [{ i, at: offsetOf(row) }];
      });
      const copies = vectorBlock(meta.backbone.dim, stored === "fp16" ? 0 : wanted.length);
      await readRecords(handle, wanted, stride, (i, record) => {
        // Halves lie at any byte.
        if (stored === "fp16") found[i] = float16ToFloat32(new Uint16Array(new Uint8Array(record).buffer));
        else found[i] = copies.add(record);
      });
      return found;
    },
    close: () => handle.close(),
  };
}

/** A function from a row to the byte at which its vector begins. */
async function vectorOffsets(path: string, stride: number): Promise<(row: number) => number> {
  const file = await openEmbeddings(path);
  const handle = await open(path, "r");
  try {
    const buffer = valuesBuffer(path, file.reader.schema);
    const firstRows: number[] = [];
    const starts: number[] = [];
    let rows = 0;
    for (const block of footerOf(path, file.reader).recordBatches()) {
      const header = await batchHeader(handle, block);
      if (header.compression !== null) {
        throw damaged(path, "has compressed batches, out of which no single vector can be read", ANEW);
      }
      firstRows.push(rows);
      starts.push(block.offset + block.metaDataLength + header.buffers[buffer]!.offset);
      rows += header.length;
    }
    return (row) => {
      let low = 0;
      let high = firstRows.length;
      while (high - low > 1) {
        const middle = (low + high) >>> 1;
        if (firstRows[middle]! <= row) low = middle;
        else high = middle;
      }
      return starts[low]! + (row - firstRows[low]!) * stride;
    };
  } finally {
    await handle.close();
    await file.close();
  }
}

const ANEW = "Embed it anew: without --update.";

interface BatchHeader {
  readonly length: number;
  readonly compression: unknown;
  readonly buffers: readonly { readonly offset: number }[];
}

async function batchHeader(
  handle: FileHandle,
  block: { readonly offset: number; readonly metaDataLength: number },
): Promise<BatchHeader> {
  const bytes = await readAt(handle, block.offset, block.metaDataLength);
  const marked = bytes.readInt32LE(0) === -1;
  return Message.decode(bytes.subarray(marked ? 8 : 4)).header() as unknown as BatchHeader;
}

/** The number of the buffer with the vectors' values among those of a batch. */
function valuesBuffer(path: string, schema: Schema): number {
  let buffers = 0;
  for (const { name, type } of schema.fields) {
    // The validity of the lists and that of their items come before the values.
    if (name === "embedding") return buffers + 2;
    const text = DataType.isUtf8(type) || DataType.isLargeUtf8(type);
    if (!text && !DataType.isDictionary(type) && !DataType.isFixedSizeBinary(type)) break;
    buffers += text ? 3 : 2;
  }
  throw damaged(path, "was written by another program", ANEW);
}
