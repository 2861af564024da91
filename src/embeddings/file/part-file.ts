import { type FileHandle, open, readFile, rm, stat, truncate } from "node:fs/promises";
import type { Schema } from "apache-arrow";
import { writeFileAtomic } from "../../core/atomic-file.js";
import { systemCode } from "../../core/system-code.js";
import type { RejectedRow } from "../../data/row.js";
import type { Tuned } from "../tune/tuned.js";
import type { EmbeddedRows } from "./embedded-rows.js";
import { ioError } from "./io-error.js";
import { ipcEncoder } from "./ipc-encoder.js";
import { toRecordBatch } from "./record-batch.js";

/** What of a part file is good, and which run it belongs to: the content of `<out>.part.json`. */
export interface PartState {
  readonly version: 1;
  readonly fingerprint: string;
  readonly identity: string | null;
  /** Everything else that must be equal for a run to continue this one. */
  readonly options: Readonly<Record<string, string | number>>;
  /** What a run that continues this one takes over unless told otherwise; it changes speed, and a vector by rounding. */
  readonly compute?: { readonly threads: number; readonly sessions?: number };
  /** What chose some of both; absent where nothing was measured. */
  readonly tuned?: Tuned;
  /** ISO 8601: when the first run began. */
  readonly created: string;
  /** Rows of the input that are done, the rejected ones included. */
  readonly consumed: number;
  readonly rows: number;
  readonly rejects: number;
  readonly truncated: number;
  /** Lengths in bytes up to which the part file and the rejects file are good. */
  readonly partBytes: number;
  readonly rejectsBytes: number;
}

/** The working files beside a target. */
export interface PartPaths {
  readonly part: string;
  readonly state: string;
  readonly rejects: string;
}

export function partPaths(out: string): PartPaths {
  return { part: `${out}.part`, state: `${out}.part.json`, rejects: `${out}.part.rejects.jsonl` };
}

/** Embedded rows on their way to the finished file: an Arrow IPC stream that survives being cut anywhere. */
export interface PartFile {
  readonly state: PartState;
  append(window: {
    readonly consumed: number;
    readonly rows: EmbeddedRows;
    readonly rejects: readonly RejectedRow[];
    readonly truncated: number;
  }): Promise<void>;
  /** Records what the rows to come are computed with, where that was not known when the run began. */
  noteCompute(compute: NonNullable<PartState["compute"]>): void;
  /** Makes everything appended so far survive a kill or a power cut. */
  checkpoint(): Promise<void>;
  /** Seconds since the last checkpoint, or since opening. */
  sinceCheckpoint(): number;
  close(): Promise<void>;
}

/** The state that an earlier run left; null where there is none that can be used. */
export async function readPartState(paths: PartPaths): Promise<PartState | null> {
  try {
    const state = JSON.parse(await readFile(paths.state, "utf8")) as PartState;
    const [part, rejects] = await Promise.all([sizeOf(paths.part), sizeOf(paths.rejects)]);
    const whole = state.version === 1 && part >= state.partBytes && rejects >= state.rejectsBytes;
    return whole ? state : null;
  } catch (thrown) {
    if (systemCode(thrown) === "ENOENT" || thrown instanceof SyntaxError) return null;
    throw ioError("read", paths.state, thrown);
  }
}

/**
 * Opens the part file to append: cut back to what `state` vouches for, or begun anew where that is nothing.
 * @throws {HeadstartError} `io` if it cannot be written.
 */
export async function openPart(paths: PartPaths, schema: Schema, start: PartState): Promise<PartFile> {
  const encoder = ipcEncoder(schema, "stream");
  const head = encoder.head();
  const handles: FileHandle[] = [];
  try {
    const part = await openAt(paths.part, start.partBytes, handles);
    const rejects = await openAt(paths.rejects, start.rejectsBytes, handles);
    let state = start;
    if (start.partBytes === 0) {
      await part.writeFile(head);
      state = { ...start, partBytes: head.length };
    }
    let saved = performance.now();
    return {
      get state() {
        return state;
      },
      async append(window) {
        try {
          const rows = window.rows.ids.length;
          const bytes = rows === 0 ? new Uint8Array() : encoder.batch(toRecordBatch(schema, window.rows));
          const lines = Buffer.from(window.rejects.map(rejectLine).join(""), "utf8");
          await part.writeFile(bytes);
          await rejects.writeFile(lines);
          state = {
            ...state,
            consumed: state.consumed + window.consumed,
            rows: state.rows + rows,
            rejects: state.rejects + window.rejects.length,
            truncated: state.truncated + window.truncated,
            partBytes: state.partBytes + bytes.length,
            rejectsBytes: state.rejectsBytes + lines.length,
          };
        } catch (thrown) {
          // What a full disk took of the window makes room for the state of those before it.
          await part.truncate(state.partBytes).catch(() => undefined);
          await rejects.truncate(state.rejectsBytes).catch(() => undefined);
          throw ioError("write", paths.part, thrown);
        }
      },
      noteCompute(compute) {
        state = { ...state, compute };
      },
      async checkpoint() {
        try {
          await part.datasync();
          await rejects.datasync();
        } catch (thrown) {
          throw ioError("write", paths.part, thrown);
        }
        await writeFileAtomic(paths.state, JSON.stringify(state));
        saved = performance.now();
      },
      sinceCheckpoint: () => (performance.now() - saved) / 1000,
      async close() {
        for (const handle of handles) await handle.close();
      },
    };
  } catch (thrown) {
    for (const handle of handles) await handle.close();
    throw ioError("write", paths.part, thrown);
  }
}

/**
 * Removes the working files; the state goes first, so that what is left is never taken for a part.
 * @throws {HeadstartError} `io` if one cannot be removed.
 */
export async function removePart(paths: PartPaths): Promise<void> {
  for (const path of [paths.state, paths.part, paths.rejects]) {
    await rm(path, { force: true }).catch((thrown: unknown) => {
      throw ioError("remove", path, thrown);
    });
  }
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path)).size;
}

/** Opens a file cut to `length` bytes, positioned at its end. */
async function openAt(path: string, length: number, handles: FileHandle[]): Promise<FileHandle> {
  if (length > 0) await truncate(path, length);
  const handle = await open(path, length === 0 ? "w" : "a");
  handles.push(handle);
  return handle;
}

function rejectLine({ id, source, reason, position }: RejectedRow): string {
  return `${JSON.stringify({ id, source, reason, position })}\n`;
}
