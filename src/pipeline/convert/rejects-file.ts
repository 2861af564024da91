import { rm } from "node:fs/promises";
import { type FileSink, fileSink } from "../../core/byte-sink.js";
import type { RejectedRow } from "../../data/row.js";

/** The list of rejected rows; there is no file where there are none. */
export interface RejectsFile {
  readonly count: number;
  readonly first: RejectedRow | null;
  add(row: RejectedRow): void;
  /** Writes what was added. */
  flush(): Promise<void>;
  /** @returns the file's name; null where nothing was rejected. */
  finish(): Promise<string | null>;
  discard(): Promise<void>;
}

/** @param path - null where there is no place for a file: rows are only counted. */
export function rejectsFile(path: string | null): RejectsFile {
  let sink: FileSink | null = null;
  let count = 0;
  let first: RejectedRow | null = null;
  let lines = "";
  const flush = async (): Promise<void> => {
    if (lines === "" || path === null) return;
    sink ??= await fileSink(path);
    await sink.write(Buffer.from(lines));
    lines = "";
  };
  return {
    get count() {
      return count;
    },
    get first() {
      return first;
    },
    add(row) {
      const { id, source, reason } = row;
      count++;
      first ??= row;
      if (path !== null) lines += `${JSON.stringify({ id, source, reason })}\n`;
    },
    flush,
    async finish() {
      await flush();
      await sink?.commit();
      // A list that an earlier conversion left would be taken for this one's.
      if (sink === null && path !== null) await rm(path, { force: true });
      return sink === null ? null : path;
    },
    discard: async () => sink?.discard(),
  };
}
