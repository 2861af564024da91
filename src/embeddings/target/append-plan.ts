import { readFile } from "node:fs/promises";
import { HeadstartError } from "../../core/errors.js";
import { contentHash } from "../../core/hash.js";
import type { Dataset, RejectedRow, Row } from "../../data/row.js";
import { rejected } from "../engine/open-window.js";
import { hasHash } from "../file/content-hashes.js";
import type { EmbeddedRows } from "../file/embedded-rows.js";
import { openEmbeddings } from "../file/open-embeddings.js";
import type { EmbeddingsMeta } from "../file/schema.js";
import { fileBatches } from "../file/stream-embeddings.js";
import type { Target } from "./target.js";
import type { TargetPlan } from "./target-plan.js";

/**
 * Keeps the target's rows and adds those of the input whose ids it does not have at its end. Rows that it has with the
 * same content are passed over; with another content they are rejected.
 */
export function appendPlan(target: Target, dataset: Dataset): TargetPlan {
  let passedOver = 0;
  return {
    options: { mode: "append", target: target.stamp },
    created: target.meta.created,
    dataset: {
      ...dataset,
      count: null,
      async *rows() {
        passedOver = 0;
        for await (const row of dataset.rows()) {
          const fate = row.state === "rejected" ? row : await fateOf(row, target);
          if (fate === null) passedOver++;
          else yield fate;
        }
      },
    },
    vectors: null,
    seen: target.seen,
    keepsRows: true,
    keepsRejects: true,
    meta: (own) => ({
      ...likeTarget(own, target),
      dataset: joinedName(target.meta.dataset, own.dataset),
    }),
    async *rows(embedded) {
      yield* targetRows(target.path);
      yield* embedded;
    },
    summary: (embedded) => ({
      mode: "append",
      kept: target.rows,
      changed: 0,
      dropped: 0,
      added: embedded,
      passedOver,
    }),
    close: async () => undefined,
  };
}

/**
 * The metadata of a file that rows of the target and of this run share.
 * @throws {HeadstartError} `usage` if their columns are not the same.
 */
export function likeTarget(own: EmbeddingsMeta, { path, meta }: Target): EmbeddingsMeta {
  const told = ({ vectors, kept, labels }: EmbeddingsMeta): string =>
    [
      `vectors in ${vectors}`,
      kept.length === 0
        ? "no kept columns"
        : `kept columns ${kept.map(({ name, type }) => `${name} (${type})`).join(", ")}`,
      `${labels ?? "single"} labels`,
    ].join(", ");
  if (told(own) === told(meta)) return { ...own, extra: meta.extra };
  throw new HeadstartError("usage", `${path} has ${told(meta)}; these rows would have ${told(own)}`, {
    facts: { path },
    hint: "Give the same --store, --keep and --label as for the rows that are there.",
  });
}

/** The rows of a target, a batch at a time. */
export async function* targetRows(path: string): AsyncGenerator<EmbeddedRows> {
  const file = await openEmbeddings(path);
  try {
    yield* fileBatches(path, file);
  } finally {
    await file.close();
  }
}

/** The row, rejected where the target has its id with another content; null where it has the very row. */
async function fateOf(row: Row, target: Target): Promise<Row | RejectedRow | null> {
  const found = target.rowOf(row.id);
  if (found === null) return row;
  const hash = await hashOf(row).catch(() => null);
  // What cannot be read is rejected where contents are prepared.
  if (hash === null) return row;
  if (Buffer.compare(hash, target.hashOf(found)) === 0) return null;
  if (!hasHash(target.hashOf(found), 0)) {
    return rejected(
      row,
      `${target.path} has id '${row.id}' and does not tell of which content, as its vectors were imported; --update would embed it anew, another --id would tell them apart.`,
    );
  }
  return rejected(
    row,
    `${target.path} has id '${row.id}' with another content; --update would embed it anew, another --id would tell them apart.`,
  );
}

async function hashOf({ content }: Row): Promise<Uint8Array> {
  if (content.kind === "text") return contentHash(content.text);
  return contentHash("bytes" in content ? content.bytes : await readFile(content.path));
}

/** The names of all inputs, each once. */
function joinedName(before: string, added: string): string {
  return before.split(", ").includes(added) ? before : `${before}, ${added}`;
}
