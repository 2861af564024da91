import type { Dataset } from "../../data/row.js";
import type { EmbeddedRows } from "../file/embedded-rows.js";
import { HASH_BYTES, type VectorType } from "../file/schema.js";
import type { Target } from "./target.js";
import type { TargetPlan } from "./target-plan.js";
import { openTargetVectors } from "./target-vectors.js";

/** Makes the target equal the input: vectors of contents that it has are taken from it, whatever their ids. */
export async function updatePlan(target: Target, dataset: Dataset, stored: VectorType): Promise<TargetPlan> {
  const vectors = await openTargetVectors(target, stored);
  let fates = { kept: 0, changed: 0, added: 0 };
  return {
    options: { mode: "update", target: target.stamp },
    created: target.meta.created,
    dataset,
    vectors,
    seen: null,
    keepsRows: false,
    keepsRejects: false,
    meta: (own) => own,
    async *rows(embedded) {
      fates = { kept: 0, changed: 0, added: 0 };
      for await (const rows of embedded) {
        for (let i = 0; i < rows.ids.length; i++) fates[fateOf(rows, i, target)]++;
        yield rows;
      }
    },
    summary: () => ({
      mode: "update",
      ...fates,
      dropped: target.rows - fates.kept - fates.changed,
      passedOver: 0,
    }),
    close: () => vectors.close(),
  };
}

/** What a row of the finished file is to the target: there with this content, there with another one, or not there. */
function fateOf({ ids, hashes }: EmbeddedRows, i: number, target: Target): "kept" | "changed" | "added" {
  const row = target.rowOf(ids[i]!);
  if (row === null) return "added";
  const hash = hashes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES);
  return Buffer.compare(target.hashOf(row), hash) === 0 ? "kept" : "changed";
}
