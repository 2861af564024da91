import { readFile, stat } from "node:fs/promises";
import type { AudioPreprocessor } from "../backbones/backbone.js";
import { cpuCount } from "../core/cpu-count.js";
import { HeadstartError } from "../core/errors.js";
import { contentHash } from "../core/hash.js";
import type { RejectedRow, Row } from "../data/row.js";
import { ofOtherKind, openWindow, type PreparedRow, rejectedBy, type Window } from "./open-window.js";

/** When a window of sounds is full: at so many rows, or so many samples (of spectrograms, values). */
export interface SoundLimits {
  readonly rows: number;
  readonly values: number;
}

/** Sounds of more bytes are refused before they are read. */
const MAX_BYTES = 512 * 2 ** 20;

type Prepared = PreparedRow<Float32Array> | RejectedRow;

/**
 * Windows of sounds. A few are read and decoded at a time, and no more than fit: memory is bounded by the limits
 * and the longest sounds, not by the number of rows.
 */
export async function* audioWindows(
  items: AsyncIterable<Row | RejectedRow>,
  preprocessor: AudioPreprocessor,
  limits: SoundLimits,
  concurrency: number = 2 * cpuCount(),
): AsyncGenerator<Window<Float32Array>> {
  let window = openWindow<Float32Array>();
  let values = 0;
  for await (const prepared of preparedInOrder(items, preprocessor, concurrency)) {
    const added = window.add(prepared);
    if (added && prepared.state === "prepared") values += prepared.input.length;
    if (window.consumed >= limits.rows || values >= limits.values) {
      yield window.close();
      window = openWindow();
      values = 0;
    }
  }
  if (window.consumed > 0) yield window.close();
}

/** Prepares at most `concurrency` sounds at a time; they come in the rows' order. */
async function* preparedInOrder(
  items: AsyncIterable<Row | RejectedRow>,
  preprocessor: AudioPreprocessor,
  concurrency: number,
): AsyncGenerator<Prepared> {
  const pending: Promise<Prepared>[] = [];
  for await (const item of items) {
    const prepared: Promise<Prepared> =
      item.state === "rejected" ? Promise.resolve(item) : prepare(item, preprocessor);
    // A fault surfaces where the row's turn comes; until then it must not count as unhandled.
    prepared.catch(() => undefined);
    pending.push(prepared);
    if (pending.length >= concurrency) yield await pending.shift()!;
  }
  while (pending.length > 0) yield await pending.shift()!;
}

async function prepare(row: Row, preprocessor: AudioPreprocessor): Promise<Prepared> {
  if (row.content.kind !== "audio") return ofOtherKind(row, "audio");
  try {
    const bytes = "bytes" in row.content ? row.content.bytes : await readSound(row.content.path);
    const { input, truncated } = await preprocessor.prepare(bytes);
    return { state: "prepared", row, hash: contentHash(bytes), input, truncated };
  } catch (thrown) {
    return rejectedBy(row, thrown);
  }
}

async function readSound(path: string): Promise<Uint8Array> {
  const { size } = await stat(path);
  if (size <= MAX_BYTES) return readFile(path);
  throw new HeadstartError("data", `The file has ${Math.ceil(size / 2 ** 20)} MiB, over the limit of 512`, {
    facts: { path, size },
    hint: "Split the sound into pieces.",
  });
}
