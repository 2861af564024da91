import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { Readable } from "node:stream";
import { HeadstartError } from "../core/errors.js";
import { type Coded, type Embeddings, readEmbeddings } from "../embeddings/file/read-embeddings.js";
import { inspectClassifier } from "./export/inspect-classifier.js";
import { firstBytes } from "./first-bytes.js";
import { beginsLikeHead, openHead } from "./load-head.js";
import { parseLabelSet } from "./multi-label/labelled-sets.js";
import type { InspectResult } from "./types.js";

const TO_GIVE = "Give an .arrow file of headstart embed, or an .onnx file of headstart train.";

/**
 * Tells what an embeddings file or a head holds.
 * @param path - of a file; or `-` for embeddings on stdin.
 * @throws {HeadstartError} `io` if it cannot be read, `format` if it is neither.
 */
export async function inspect(
  path: string,
  stdin = process.stdin as NodeJS.ReadableStream,
): Promise<InspectResult> {
  if (path === "-") return inspectPiped(stdin);
  const magic = (await firstBytes(path, 6, TO_GIVE)).toString("latin1");
  const { size: bytes } = await stat(path);
  const named = extname(path).toLowerCase();
  const isArrow = magic === "ARROW1" || named === ".arrow" || named === ".arrows";
  if (!isArrow && !beginsLikeHead(magic) && named !== ".onnx") {
    throw new HeadstartError("format", `${path} is neither an embeddings file nor a head`, {
      facts: { path },
      hint: TO_GIVE,
    });
  }
  if (!isArrow) {
    const classifier = await inspectClassifier(path);
    if (classifier !== null) return classifier;
    const head = await openHead(path);
    await head.release();
    const { backbone, ...stored } = head.meta;
    return {
      kind: "head",
      path,
      bytes,
      head: stored,
      backbone: backbone && { ...backbone },
      fingerprint: head.fingerprint,
    };
  }
  return embeddingsResult(path, await readEmbeddings(path, { kept: [] }), bytes);
}

async function inspectPiped(stdin: NodeJS.ReadableStream): Promise<InspectResult> {
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
