import type { Dataset } from "../../data/row.js";
import type { VectorType } from "../file/schema.js";
import type { Target } from "./target.js";
import type { TargetPlan } from "./target-plan.js";
import { openTargetVectors } from "./target-vectors.js";

/** Makes the target equal the input: vectors of contents that it has are taken from it, whatever their ids. */
export async function updatePlan(target: Target, dataset: Dataset, stored: VectorType): Promise<TargetPlan> {
  const vectors = await openTargetVectors(target, stored);
  let kept = 0;
  return {
    options: { mode: "update", target: target.stamp },
    created: target.meta.created,
    dataset: {
      ...dataset,
      async *rows() {
        kept = 0;
        for await (const row of dataset.rows()) {
          if (row.state === "row" && target.rowOf(row.id) !== null) kept++;
          yield row;
        }
      },
    },
    vectors,
    seen: null,
    keepsRows: false,
    keepsRejects: false,
    meta: (own) => own,
    rows: (embedded) => embedded,
    summary: (embedded) => ({
      mode: "update",
      kept,
      dropped: target.rows - kept,
      added: Math.max(0, embedded - kept),
      passedOver: 0,
    }),
    close: () => vectors.close(),
  };
}
