import { CompressionType, compressionRegistry } from "apache-arrow";
import { Decompress } from "fzstd";
import { lz4Frame } from "./lz4-frame.js";

/** Bytes that one buffer of a batch may unpack to. */
const LARGEST_BUFFER = 2 ** 30;

/** Teaches Arrow's reader the two compressions of the format: LZ4, which pandas writes, and Zstandard. */
export function registerArrowCodecs(): void {
  compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: (bytes) => lz4Frame(bytes, LARGEST_BUFFER) });
  compressionRegistry.set(CompressionType.ZSTD, { decode: zstd });
}

function zstd(bytes: Uint8Array): Uint8Array {
  const blocks: Uint8Array[] = [];
  let length = 0;
  const stream = new Decompress((block) => {
    length += block.length;
    if (length > LARGEST_BUFFER)
      throw new Error(`Zstandard data that unpack to more than ${LARGEST_BUFFER} bytes`);
    blocks.push(block);
  });
  stream.push(bytes, true);
  return blocks.length === 1 ? blocks[0]! : Buffer.concat(blocks);
}
