import { readFile } from "node:fs/promises";
import type { ImagePreprocessor, TextPreprocessor } from "../backbones/backbone.js";
import { cpuCount } from "../core/cpu-count.js";
import { HeadstartError, messageOf } from "../core/errors.js";
import { contentHash } from "../core/hash.js";
import type { RejectedRow, Row } from "../data/row.js";
import { systemCode } from "./io-error.js";

/** Model inputs of a stretch of rows, the contents that occur twice prepared once. */
export interface Window<Input> {
  /** Rows of the input that this window stands for, the rejected ones included. */
  readonly consumed: number;
  /** The rows that can be embedded, in the input's order. */
  readonly rows: readonly Row[];
  readonly hashes: readonly Uint8Array[];
  /** The distinct inputs. */
  readonly inputs: readonly Input[];
  /** For each row, the index of its input. */
  readonly inputOf: readonly number[];
  readonly rejects: readonly RejectedRow[];
  /** Rows whose text was longer than the model takes. */
  readonly truncated: number;
}

/** When a window is full: at so many rows, or, for text, at so many tokens. */
export interface WindowLimits {
  readonly rows: number;
  readonly tokens: number;
}

/** Tokenised windows of text rows. */
export async function* textWindows(
  items: AsyncIterable<Row | RejectedRow>,
  preprocessor: TextPreprocessor,
  limits: WindowLimits,
): AsyncGenerator<Window<Int32Array>> {
  let window = emptyWindow<Int32Array>();
  let tokens = 0;
  for await (const item of items) {
    const prepared = item.state === "rejected" ? item : tokenise(item, preprocessor);
    add(window, prepared);
    tokens += prepared.state === "rejected" ? 0 : prepared.input.length;
    if (window.consumed >= limits.rows || tokens >= limits.tokens) {
      yield freeze(window);
      window = emptyWindow();
      tokens = 0;
    }
  }
  if (window.consumed > 0) yield freeze(window);
}

/** Windows of images, several decoded at a time. */
export async function* imageWindows(
  items: AsyncIterable<Row | RejectedRow>,
  preprocessor: ImagePreprocessor,
  limits: WindowLimits,
  concurrency: number = 2 * cpuCount(),
): AsyncGenerator<Window<Float32Array>> {
  const take = limiter(concurrency);
  let pending: Promise<Prepared<Float32Array> | RejectedRow>[] = [];
  let known = new Map<string, Promise<Float32Array>>();
  const gather = async () => {
    const window = emptyWindow<Float32Array>();
    for (const prepared of await Promise.all(pending)) add(window, prepared);
    pending = [];
    known = new Map();
    return freeze(window);
  };
  for await (const item of items) {
    const decodedOnce = known;
    const prepared =
      item.state === "rejected" ? Promise.resolve(item) : take(() => decode(item, preprocessor, decodedOnce));
    // A fault surfaces where the window is gathered; until then it must not count as unhandled.
    prepared.catch(() => undefined);
    pending.push(prepared);
    if (pending.length >= limits.rows) yield await gather();
  }
  if (pending.length > 0) yield await gather();
}

interface Prepared<Input> {
  readonly state: "prepared";
  readonly row: Row;
  readonly hash: Uint8Array;
  readonly input: Input;
  readonly truncated: boolean;
}

function tokenise(row: Row, preprocessor: TextPreprocessor): Prepared<Int32Array> | RejectedRow {
  if (row.content.kind !== "text") return rejected(row, "It is an image, and the backbone reads text.");
  try {
    const { ids, truncated } = preprocessor.encode(row.content.text);
    return { state: "prepared", row, hash: contentHash(row.content.text), input: ids, truncated };
  } catch (thrown) {
    return rejectedBy(row, thrown);
  }
}

async function decode(
  row: Row,
  preprocessor: ImagePreprocessor,
  known: Map<string, Promise<Float32Array>>,
): Promise<Prepared<Float32Array> | RejectedRow> {
  if (row.content.kind !== "image") return rejected(row, "It is text, and the backbone reads images.");
  try {
    const bytes = "bytes" in row.content ? row.content.bytes : await readFile(row.content.path);
    const hash = contentHash(bytes);
    const key = Buffer.from(hash).toString("latin1");
    const input = known.get(key) ?? preprocessor.prepare(bytes);
    known.set(key, input);
    return { state: "prepared", row, hash, input: await input, truncated: false };
  } catch (thrown) {
    return rejectedBy(row, thrown);
  }
}

/** Content that cannot be read rejects its row; anything else is a fault that must be seen. */
function rejectedBy(row: Row, thrown: unknown): RejectedRow {
  const dataError = thrown instanceof HeadstartError && thrown.code === "data";
  if (!dataError && systemCode(thrown) === null) throw thrown;
  return rejected(row, messageOf(thrown));
}

function rejected(row: Row, reason: string): RejectedRow {
  return { state: "rejected", id: row.id, source: row.source, reason };
}

interface OpenWindow<Input> {
  consumed: number;
  readonly rows: Row[];
  readonly hashes: Uint8Array[];
  readonly inputs: Input[];
  readonly inputOf: number[];
  readonly rejects: RejectedRow[];
  truncated: number;
  readonly slots: Map<string, number>;
}

function emptyWindow<Input>(): OpenWindow<Input> {
  return {
    consumed: 0,
    rows: [],
    hashes: [],
    inputs: [],
    inputOf: [],
    rejects: [],
    truncated: 0,
    slots: new Map(),
  };
}

function add<Input>(window: OpenWindow<Input>, item: Prepared<Input> | RejectedRow): void {
  window.consumed++;
  if (item.state === "rejected") {
    window.rejects.push(item);
    return;
  }
  const key = Buffer.from(item.hash).toString("latin1");
  let slot = window.slots.get(key);
  if (slot === undefined) {
    slot = window.inputs.push(item.input) - 1;
    window.slots.set(key, slot);
  }
  window.rows.push(item.row);
  window.hashes.push(item.hash);
  window.inputOf.push(slot);
  if (item.truncated) window.truncated++;
}

function freeze<Input>({ slots: _, ...window }: OpenWindow<Input>): Window<Input> {
  return Object.freeze(window);
}

/** Runs at most `limit` tasks at a time; the others wait their turn. */
function limiter(limit: number): <T>(task: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
