import { Readable } from "node:stream";
import { type Coded, type Embeddings, readEmbeddings } from "../embeddings/file/read-embeddings.js";
import { parseLabelSet } from "./multi-label/labelled-sets.js";
import type { InspectResult } from "./types.js";

/** An embeddings file of `bytes` bytes. @throws {HeadstartError} `format` if it is none. */
export async function inspectEmbeddings(path: string, bytes: number): Promise<InspectResult> {
  return embeddingsResult(path, await readEmbeddings(path, { kept: [] }), bytes);
}

/** Embeddings on stdin. @throws {HeadstartError} `format` if they are none. */
export async function inspectPiped(stdin: NodeJS.ReadableStream): Promise<InspectResult> {
  let bytes = 0;
  const counted = Readable.from(stdin).map((piece: Uint8Array) => {
    bytes += piece.length;
    return piece;
  });
  const embeddings = await readEmbeddings("-", { kept: [], stdin: counted });
  return embeddingsResult("-", embeddings, bytes);
}

function embeddingsResult(
  path: string,
  { X, labels, splits, meta }: Embeddings,
  bytes: number,
): InspectResult {
  const several = meta.labels === "multi" && labels !== null ? countsOfSets(labels, path) : null;
  return {
    kind: "embeddings",
    path,
    bytes,
    rows: X.rows,
    dim: X.cols,
    backbone: { ...meta.backbone },
    fingerprint: meta.fingerprint,
    dataset: meta.dataset,
    created: meta.created,
    store: meta.vectors,
    kept: meta.kept.filter(({ name }) => name !== meta.shard?.position),
    shard: meta.shard ?? null,
    labels: several?.labels ?? countsOf(labels),
    splits: countsOf(splits),
    unlabelled: labels === null ? X.rows : labels.codes.reduce((n, code) => n + Number(code < 0), 0),
    ...(several && { multiLabel: { emptyRows: several.emptyRows } }),
  };
}

function countsOf(coded: Coded | null): { name: string; rows: number }[] {
  if (coded === null) return [];
  const rows = new Array<number>(coded.values.length).fill(0);
  for (const code of coded.codes) if (code >= 0) rows[code]!++;
  return coded.values.map((name, code) => ({ name, rows: rows[code]! }));
}

/** Rows that have each label, and rows that have none. */
function countsOfSets(
  coded: Coded,
  path: string,
): { labels: { name: string; rows: number }[]; emptyRows: number } {
  const rows = new Map<string, number>();
  let emptyRows = 0;
  for (const { name: text, rows: count } of countsOf(coded)) {
    const set = parseLabelSet(text, path);
    if (set.length === 0) emptyRows += count;
    for (const label of set) rows.set(label, (rows.get(label) ?? 0) + count);
  }
  const names = [...rows.keys()].sort();
  return { labels: names.map((name) => ({ name, rows: rows.get(name)! })), emptyRows };
}
