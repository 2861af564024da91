import type { PreprocessPool } from "../../backbones/preprocess/preprocess-pool.js";
import type { Row } from "../../data/row.js";
import type { VectorStore } from "../cache/vector-store.js";
import { hashKey, ofOtherKind, type ReadyRow, rejectedBy } from "./open-window.js";

/** What contents became that were prepared lately, by their hash: equal ones are prepared once. */
export type Lately = Map<
  string,
  Promise<{ readonly input: Float32Array | null; readonly truncated: boolean }>
>;

/**
 * A row of an image or a sound made ready: hashed, looked up in the store, and prepared where it is not known there.
 * @param lately - is added to.
 */
export async function prepareMedium(
  row: Row,
  kind: "image" | "audio",
  pool: PreprocessPool,
  store: VectorStore | null,
  lately: Lately,
): Promise<ReadyRow<Float32Array>> {
  const { content } = row;
  if (content.kind === "text" || content.kind !== kind) return ofOtherKind(row, kind);
  let vector: Float32Array | null | undefined = null;
  let equal: ReturnType<Lately["get"]>;
  const wanted = async (hash: Uint8Array): Promise<boolean> => {
    [vector] = store === null ? [] : await store.lookup([hash]);
    if (vector) return false;
    const key = hashKey(hash);
    equal = lately.get(key);
    if (equal === undefined) lately.set(key, preparing);
    return equal === undefined;
  };
  // The hash may be known at once: this must be a promise by then.
  const preparing = Promise.resolve().then(() => pool.prepare(content, wanted));
  try {
    const { hash, input, truncated } = await preparing;
    if (vector) return { state: "known", row, hash, vector, truncated };
    const prepared = equal === undefined ? { input, truncated } : await equal;
    return { state: "prepared", row, hash, input: prepared.input!, truncated: prepared.truncated };
  } catch (thrown) {
    return rejectedBy(row, thrown);
  }
}
