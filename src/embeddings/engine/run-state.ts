import type { Backbone } from "../../backbones/backbone.js";
import { HeadstartError } from "../../core/errors.js";
import type { Dataset } from "../../data/row.js";
import { POSITION_COLUMN } from "../../data/shard.js";
import type { PartState } from "../file/part-file.js";
import { type EmbeddingsMeta, FORMAT_VERSION, type ShardRecord, type VectorType } from "../file/schema.js";

/** The state of a run that has done nothing yet. */
export function freshState(
  dataset: Dataset,
  backbone: Backbone,
  options: Readonly<Record<string, string | number>>,
  compute: PartState["compute"] | null,
  { created, tuned }: Pick<PartState, "created" | "tuned">,
): PartState {
  return {
    version: 1,
    fingerprint: backbone.fingerprint,
    identity: dataset.identity,
    options,
    ...(compute && { compute }),
    ...(tuned !== undefined && { tuned }),
    created,
    consumed: 0,
    rows: 0,
    rejects: 0,
    truncated: 0,
    partBytes: 0,
    rejectsBytes: 0,
  };
}

export function metaOf(
  dataset: Dataset,
  backbone: Backbone,
  { created, vectors }: { readonly created: string; readonly vectors: VectorType },
): EmbeddingsMeta {
  return {
    format: FORMAT_VERSION,
    backbone: backbone.spec,
    fingerprint: backbone.fingerprint,
    dataset: dataset.name,
    created,
    ...(dataset.multiLabel && { labels: "multi" as const }),
    vectors,
    kept: dataset.kept,
    extra: {},
  };
}

/** What the finished file of a shard says beyond `metaOf`: it is known once the input has been read to its end. */
export function shardOf({ shard }: Dataset, { rejects }: PartState): { readonly shard?: ShardRecord } {
  const whole = shard?.whole();
  if (shard === undefined || whole === null || whole === undefined) return {};
  const { index, count } = shard;
  const { digest: dataset, contents, rows } = whole;
  return { shard: { index, count, dataset, contents, rows, rejects, position: POSITION_COLUMN } };
}

/** @throws {HeadstartError} `data`, naming what differs, unless a run like `wanted` can continue `found`. */
export function checkResumable(part: string, found: PartState, wanted: PartState): void {
  const changes: string[] = [];
  if (found.fingerprint !== wanted.fingerprint) {
    changes.push(`the backbone (fingerprint ${short(found.fingerprint)}, now ${short(wanted.fingerprint)})`);
  }
  if (found.identity !== wanted.identity) changes.push("the input or the columns chosen from it");
  for (const name of new Set([...Object.keys(wanted.options), ...Object.keys(found.options)])) {
    const [before, now] = [found.options[name] ?? "none", wanted.options[name] ?? "none"];
    if (before !== now) changes.push(`${name} (${before}, now ${now})`);
  }
  if (changes.length === 0) return;
  throw new HeadstartError("data", `${part} is from another run; changed since: ${changes.join("; ")}`, {
    facts: { path: part, changes, rows: found.rows },
    hint: `Run again with --restart, or delete ${part}, to begin anew; its ${found.rows} rows are lost then.`,
  });
}

function short(fingerprint: string): string {
  return fingerprint.slice(0, 12);
}
