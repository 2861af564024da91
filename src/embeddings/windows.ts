import { readFile } from "node:fs/promises";
import type { ImagePreprocessor, TextPreprocessor } from "../backbones/backbone.js";
import { cpuCount } from "../core/cpu-count.js";
import { contentHash } from "../core/hash.js";
import type { RejectedRow, Row } from "../data/row.js";
import { ofOtherKind, openWindow, type PreparedRow, rejectedBy, type Window } from "./open-window.js";

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
  let window = openWindow<Int32Array>();
  let tokens = 0;
  for await (const item of items) {
    const prepared = item.state === "rejected" ? item : tokenise(item, preprocessor);
    window.add(prepared);
    tokens += prepared.state === "rejected" ? 0 : prepared.input.length;
    if (window.consumed >= limits.rows || tokens >= limits.tokens) {
      yield window.close();
      window = openWindow();
      tokens = 0;
    }
  }
  if (window.consumed > 0) yield window.close();
}

/** Windows of images, several decoded at a time. */
export async function* imageWindows(
  items: AsyncIterable<Row | RejectedRow>,
  preprocessor: ImagePreprocessor,
  limits: WindowLimits,
  concurrency: number = 2 * cpuCount(),
): AsyncGenerator<Window<Float32Array>> {
  const take = limiter(concurrency);
  let pending: Promise<PreparedRow<Float32Array> | RejectedRow>[] = [];
  let known = new Map<string, Promise<Float32Array>>();
  const gather = async () => {
    const window = openWindow<Float32Array>();
    for (const prepared of await Promise.all(pending)) window.add(prepared);
    pending = [];
    known = new Map();
    return window.close();
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

function tokenise(row: Row, preprocessor: TextPreprocessor): PreparedRow<Int32Array> | RejectedRow {
  if (row.content.kind !== "text") return ofOtherKind(row, "text");
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
): Promise<PreparedRow<Float32Array> | RejectedRow> {
  if (row.content.kind !== "image") return ofOtherKind(row, "image");
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
