import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createInterface } from "node:readline";
import { HeadstartError, messageOf } from "../../core/errors.js";
import type { Dataset } from "../../data/row.js";
import { type SeenIds, seenIds } from "../../data/seen-ids.js";
import type { EmbeddedRows } from "../file/embedded-rows.js";
import { likeTarget, targetRows } from "./append-plan.js";
import { mergeRows } from "./merge-rows.js";
import type { Target } from "./target.js";
import type { TargetPlan } from "./target-plan.js";

/**
 * Embeds the rows of a rejects file, by their ids or places, that the target still lacks, and puts them where the input
 * has them. Rows of the target are not looked at again; rows of the input that are new are passed over.
 * @throws {HeadstartError} `usage` if nothing was rejected.
 */
export async function retryPlan(target: Target, dataset: Dataset, rejectsFile: string): Promise<TargetPlan> {
  const listed = await readRejects(rejectsFile);
  const wanted = ({ id, source }: { id: string; source: string }): boolean =>
    target.rowOf(id) === null && (listed.ids.lineOf(id) !== null || listed.sources.lineOf(source) !== null);
  let passedOver = 0;
  const chosen = async function* () {
    passedOver = 0;
    for await (const row of dataset.rows()) {
      if (row.state === "rejected" || wanted(row)) yield row;
      else if (target.rowOf(row.id) === null) passedOver++;
    }
  };
  return {
    options: { mode: "retry-rejects", target: target.stamp, rejects: listed.stamp },
    created: target.meta.created,
    dataset: { ...dataset, count: null, rows: chosen },
    vectors: null,
    seen: target.seen,
    keepsRows: true,
    keepsRejects: false,
    meta: (own) => ({ ...likeTarget(own, target), dataset: target.meta.dataset }),
    rows: (embedded: AsyncIterable<EmbeddedRows>) =>
      mergeRows(dataset, targetRows(target.path), embedded, target.path),
    summary: (embedded) => ({
      mode: "retry-rejects",
      kept: target.rows,
      changed: 0,
      dropped: 0,
      added: embedded,
      passedOver,
    }),
    close: async () => undefined,
  };
}

async function readRejects(path: string): Promise<{ ids: SeenIds; sources: SeenIds; stamp: string }> {
  const ids = seenIds();
  const sources = seenIds();
  let line = 0;
  const facts = await stat(path).catch(() => null);
  if (facts === null) {
    throw new HeadstartError("usage", `There is no ${path}: no row was rejected`, {
      facts: { path },
      hint: "Without --retry-rejects all rows are embedded; --update embeds what changed.",
    });
  }
  for await (const text of createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    line++;
    if (text.trim() === "") continue;
    const { id, source } = parseReject(path, line, text);
    ids.firstLine(id, line);
    sources.firstLine(source, line);
  }
  return { ids, sources, stamp: `${facts.size}-${facts.mtimeMs}` };
}

function parseReject(path: string, line: number, text: string): { id: string; source: string } {
  try {
    const { id, source } = JSON.parse(text) as { id?: unknown; source?: unknown };
    if (typeof id === "string" && typeof source === "string") return { id, source };
    throw new TypeError("it has no id or no source");
  } catch (cause) {
    throw new HeadstartError("format", `${path}:${line} is no rejected row: ${messageOf(cause)}`, {
      facts: { path, line },
      hint: "Each line is a JSON object with id, source and reason, as headstart embed wrote it.",
      cause,
    });
  }
}
