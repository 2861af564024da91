import type { PreprocessPool } from "../../backbones/preprocess/preprocess-pool.js";
import { contentHash } from "../../core/hash.js";
import type { RejectedRow, Row } from "../../data/row.js";
import type { VectorStore } from "../cache/vector-store.js";
import { hashKey, ofOtherKind, type ReadyRow, rejectedBy } from "./open-window.js";

/**
 * Rows of text, group by group: hashed, looked up in the store, and what is not known there tokenised, equal contents of a
 * group once; of those that are known, only what may be too long, which is counted. Where threads tokenise, each has the next group while one is taken.
 * @param longer - whether a text may be longer than the model takes.
 * @param groupRows - rows of a group, the rejected ones included.
 */
export async function* prepareTexts(
  items: AsyncIterable<Row | RejectedRow>,
  pool: PreprocessPool,
  groupRows: number,
  store: VectorStore | null,
  longer: (text: string) => boolean,
): AsyncGenerator<readonly ReadyRow<Int32Array>[]> {
  const pending: Promise<ReadyRow<Int32Array>[]>[] = [];
  let group: (Row | RejectedRow)[] = [];
  const begin = () => {
    const prepared = prepareGroup(group, pool, store, longer);
    // A fault surfaces where the group's turn comes; until then it must not count as unhandled.
    prepared.catch(() => undefined);
    pending.push(prepared);
    group = [];
  };
  for await (const item of items) {
    group.push(item);
    if (group.length < groupRows) continue;
    begin();
    while (pending.length > GROUPS_PER_THREAD * pool.threads) yield await pending.shift()!;
  }
  begin();
  while (pending.length > 0) yield await pending.shift()!;
}

const GROUPS_PER_THREAD = 2;

async function prepareGroup(
  group: readonly (Row | RejectedRow)[],
  pool: PreprocessPool,
  store: VectorStore | null,
  longer: (text: string) => boolean,
): Promise<ReadyRow<Int32Array>[]> {
  const hashes = new Map<string, Uint8Array>();
  const keys = group.map((item) => {
    if (item.state === "rejected" || item.content.kind !== "text") return null;
    const hash = contentHash(item.content.text);
    const key = hashKey(hash);
    if (!hashes.has(key)) hashes.set(key, hash);
    return key;
  });
  const known = await lookUp(hashes, store);
  const texts = new Map<string, string>();
  group.forEach((item, i) => {
    if (item.state === "rejected" || item.content.kind !== "text") return;
    const key = keys[i]!;
    if (!known.has(key) || longer(item.content.text)) texts.set(key, item.content.text);
  });
  const tokens = texts.size === 0 ? [] : await pool.tokenise([...texts.values()]);
  const tokensOf = new Map([...texts.keys()].map((key, i) => [key, tokens[i]!]));
  return group.map((item, i) => {
    if (item.state === "rejected") return item;
    if (item.content.kind !== "text") return ofOtherKind(item, "text");
    const key = keys[i]!;
    const hash = hashes.get(key)!;
    const vector = known.get(key);
    if (vector !== undefined) {
      const counted = tokensOf.get(key);
      const truncated = counted !== undefined && "ids" in counted && counted.truncated;
      return { state: "known", row: item, hash, vector, truncated };
    }
    const made = tokensOf.get(key)!;
    if ("fault" in made) return rejectedBy(item, made.fault);
    return { state: "prepared", row: item, hash, input: made.ids, truncated: made.truncated };
  });
}

/** @param hashes - of distinct contents, by their keys. */
async function lookUp(
  hashes: ReadonlyMap<string, Uint8Array>,
  store: VectorStore | null,
): Promise<ReadonlyMap<string, Float32Array>> {
  const found = new Map<string, Float32Array>();
  if (store === null || hashes.size === 0) return found;
  const vectors = await store.lookup([...hashes.values()]);
  let i = 0;
  for (const key of hashes.keys()) {
    const vector = vectors[i++];
    if (vector) found.set(key, vector);
  }
  return found;
}
