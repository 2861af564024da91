import type { TextPreprocessor } from "../backbones/backbone.js";
import { contentHash } from "../core/hash.js";
import type { RejectedRow, Row } from "../data/row.js";
import { hashKey, ofOtherKind, type ReadyRow, rejectedBy } from "./open-window.js";
import type { VectorStore } from "./vector-store.js";

/**
 * Rows of text, group by group: hashed, looked up in the store, and what is not known there tokenised, equal contents of a
 * group once.
 * @param groupRows - rows of a group, the rejected ones included.
 */
export async function* prepareTexts(
  items: AsyncIterable<Row | RejectedRow>,
  preprocessor: TextPreprocessor,
  groupRows: number,
  store: VectorStore | null,
): AsyncGenerator<ReadyRow<Int32Array>> {
  let group: (Row | RejectedRow)[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < groupRows) continue;
    yield* await prepareGroup(group, preprocessor, store);
    group = [];
  }
  yield* await prepareGroup(group, preprocessor, store);
}

async function prepareGroup(
  group: readonly (Row | RejectedRow)[],
  preprocessor: TextPreprocessor,
  store: VectorStore | null,
): Promise<ReadyRow<Int32Array>[]> {
  const hashes = group.map((item) =>
    item.state === "row" && item.content.kind === "text" ? contentHash(item.content.text) : null,
  );
  const known = await lookUp(hashes, store);
  const tokenised = new Map<string, ReturnType<typeof tokenise>>();
  return group.map((item, i) => {
    const hash = hashes[i]!;
    if (item.state === "rejected") return item;
    if (item.content.kind !== "text") return ofOtherKind(item, "text");
    const key = hashKey(hash);
    const vector = known.get(key);
    if (vector !== undefined) return { state: "known", row: item, hash, vector };
    const tokens = tokenised.get(key) ?? tokenise(item.content.text, preprocessor);
    tokenised.set(key, tokens);
    if ("fault" in tokens) return rejectedBy(item, tokens.fault);
    return { state: "prepared", row: item, hash, input: tokens.ids, truncated: tokens.truncated };
  });
}

type Tokens = ReturnType<TextPreprocessor["encode"]> | { readonly fault: unknown };

function tokenise(text: string, preprocessor: TextPreprocessor): Tokens {
  try {
    return preprocessor.encode(text);
  } catch (fault) {
    return { fault };
  }
}

async function lookUp(
  hashes: readonly (Uint8Array | null)[],
  store: VectorStore | null,
): Promise<ReadonlyMap<string, Float32Array>> {
  const found = new Map<string, Float32Array>();
  if (store === null) return found;
  const distinct = new Map<string, Uint8Array>();
  for (const hash of hashes) if (hash !== null) distinct.set(hashKey(hash), hash);
  const vectors = await store.lookup([...distinct.values()]);
  [...distinct.keys()].forEach((key, i) => {
    const vector = vectors[i];
    if (vector) found.set(key, vector);
  });
  return found;
}
