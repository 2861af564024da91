import { type RecordBatch, RecordBatchFileWriter, RecordBatchStreamWriter, type Schema } from "apache-arrow";

/**
 * Turns record batches into the bytes of an Arrow IPC stream or file, handing out each piece as it is made:
 * Arrow's own writers queue without limit, so whoever writes faster than the disk would hold everything.
 */
export interface IpcEncoder {
  /** What comes before the first batch: a stream's schema message, a file's magic. */
  head(): Uint8Array;
  batch(batch: RecordBatch): Uint8Array;
  /** What comes after the last batch: end of stream, a file's footer. */
  tail(): Uint8Array;
}

/** @param format - `stream`: readable up to where it is cut; `file`: random access, readable only when whole. */
export function ipcEncoder(schema: Schema, format: "stream" | "file"): IpcEncoder {
  const writer = format === "stream" ? new StreamCollector() : new FileCollector();
  writer.reset(undefined, schema);
  let head: Uint8Array | null = writer.take();
  return {
    head: () => {
      const bytes = head ?? new Uint8Array();
      head = null;
      return bytes;
    },
    batch: (batch) => {
      writer.write(batch);
      return writer.take();
    },
    tail: () => {
      writer.finish();
      return writer.take();
    },
  };
}

/** The stream writer with its queue replaced by a list that is emptied after every call. */
class StreamCollector extends RecordBatchStreamWriter {
  #pieces: Uint8Array[] = [];

  protected override _write(chunk: ArrayBufferView): this {
    if (this._started) {
      this.#pieces.push(bytesOf(chunk));
      this._position += chunk.byteLength;
    }
    return this;
  }

  take(): Uint8Array {
    return Buffer.concat(this.#pieces.splice(0));
  }
}

/** The file writer, likewise. */
class FileCollector extends RecordBatchFileWriter {
  #pieces: Uint8Array[] = [];

  protected override _write(chunk: ArrayBufferView): this {
    if (this._started) {
      this.#pieces.push(bytesOf(chunk));
      this._position += chunk.byteLength;
    }
    return this;
  }

  take(): Uint8Array {
    return Buffer.concat(this.#pieces.splice(0));
  }
}

function bytesOf(chunk: ArrayBufferView): Uint8Array {
  return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
