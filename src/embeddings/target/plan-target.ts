import type { Backbone } from "../../backbones/backbone.js";
import { HeadstartError } from "../../core/errors.js";
import type { Dataset } from "../../data/row.js";
import type { VectorType } from "../file/schema.js";
import { appendPlan } from "./append-plan.js";
import { retryPlan } from "./retry-plan.js";
import { readTarget } from "./target.js";
import type { TargetMode, TargetPlan } from "./target-plan.js";
import { updatePlan } from "./update-plan.js";

/**
 * How a run goes about the target that it finds.
 * @returns null where the target is written anew: no mode, or nothing there to append to or to update.
 * @throws {HeadstartError} `usage` if there is nothing to retry, or if one shard would get more rows; `fingerprint` or `format` if the target is of another kind.
 */
export async function planTarget(
  {
    out,
    rejectsFile,
    mode,
    vectors,
  }: { out: string; rejectsFile: string; mode: TargetMode | undefined; vectors: VectorType },
  dataset: Dataset,
  backbone: Backbone,
): Promise<TargetPlan | null> {
  if (mode === undefined) return null;
  const target = await readTarget(out, backbone);
  if (target !== null) {
    if (mode !== "update" && (dataset.shard !== undefined || target.meta.shard !== undefined)) {
      throw new HeadstartError("usage", `${out}: a shard holds exactly its share of the input`, {
        facts: { path: out, mode },
        hint: "Use --update, which keeps known vectors too; or merge the shards first: headstart merge.",
      });
    }
    if (mode === "append") return appendPlan(target, dataset);
    if (mode === "update") return updatePlan(target, dataset, vectors);
    return retryPlan(target, dataset, rejectsFile);
  }
  if (mode !== "retry-rejects") return null;
  throw new HeadstartError("usage", `${out} does not exist: there are no rejected rows to take up again`, {
    facts: { path: out },
    hint: "Without --retry-rejects all rows are embedded.",
  });
}
