import { writeFileAtomic } from "../../core/atomic-file.js";
import { HeadstartError } from "../../core/errors.js";
import type { Embeddings } from "../../embeddings/file/read-embeddings.js";
import type { LabelAudit } from "../../evaluation/label-audit.js";
import { auditLabelSets } from "../../evaluation/multi-label/audit-label-sets.js";
import { labelSetCells, rowErrors } from "../../evaluation/multi-label/label-set-counts.js";
import type { HeadRecipe } from "../../heads/head.js";
import { countLabels, type LabelSets } from "../../heads/multi-label/label-sets.js";
import { decidedLabels, fitMultiLabelHead } from "../../heads/multi-label/multi-label-head.js";
import { type Matrix, zeros } from "../../linalg/matrix.js";
import { judgeWarnings } from "../audit-warnings.js";
import { quotedList } from "../quoted-list.js";
import type { stopwatch } from "../stopwatch.js";
import { labelSuspectsCsv } from "../suspects-csv.js";
import { fitControl } from "../train/fit-control.js";
import { groupWarnings, trainingGroups } from "../train/training-groups.js";
import type { AuditedLabel, AuditOptions, AuditResult, NoisyPair, SuspectRow } from "../types/audit-types.js";
import { setsToLearn } from "./labelled-sets.js";
import { outOfFoldSets } from "./out-of-fold-sets.js";

/** What a row has, or should have, of a label. */
const GIVEN = ["no", "yes"] as const;

/**
 * Looks for labels that rows have wrongly, and for those that they wrongly lack: confident learning, label by label.
 * Labels that fewer rows have (or lack) than there are folds are left out, and named.
 * @throws {HeadstartError} `data` if no label has rows enough.
 */
export async function auditMultiLabel(
  options: AuditOptions,
  embeddings: Embeddings,
  recipe: HeadRecipe & { readonly seed: number },
  id: string,
  watch: ReturnType<typeof stopwatch>,
): Promise<AuditResult> {
  const { embeddings: path, out, cv: folds = 5, signal, onProgress } = options;
  const { seed } = recipe;
  const blocking = options.blocking ?? ((work) => work());
  const { X, named, sets, indices, split, ...counted } = setsToLearn(embeddings, path, options.split);
  checkLabels(sets, folds, path);
  const grouped = await trainingGroups(options, embeddings, indices, X);
  const load = watch.lap();
  let unconverged = 0;
  const [answers] = await outOfFoldSets(
    async (rows, some) => {
      const head = await blocking(() => fitMultiLabelHead(recipe, rows, some, fitControl(options, "fold")));
      if (head.convergence?.converged === false) unconverged++;
      return head;
    },
    X,
    sets,
    { folds, repeats: 1, seed, groups: grouped?.groups ?? null },
    { ...(onProgress && { onProgress }), ...(signal && { signal }) },
  );
  const { scores, probabilities } = answers!;
  const source = probabilities === null ? "softmax" : "probabilities";
  const cv = watch.lap();
  const found = auditLabelSets(probabilities ?? sigmoid(scores), sets, folds);
  const suspects = found.suspects.map(({ row, code, given, selfConfidence, margin }): SuspectRow => {
    const index = indices[row]!;
    return {
      id: embeddings.ids[index]!,
      source: embeddings.sources[index] ?? null,
      label: sets.labels[code]!,
      given: GIVEN[given ? 1 : 0],
      suggested: GIVEN[given ? 0 : 1],
      selfConfidence,
      margin,
      labels: named[row]!,
    };
  });
  if (out !== undefined) await writeFileAtomic(out, labelSuspectsCsv(suspects, sets.labels));
  const counts = countLabels(sets);
  const perLabel = sets.labels.map((name, code) =>
    auditedLabel(name, counts[code]!, found.perLabel[code]!, sets.rows),
  );
  const noise = perLabel.flatMap(({ name, unwarranted, missing }): NoisyPair[] => [
    { label: name, suggested: "no", ...unwarranted },
    { label: name, suggested: "yes", ...missing },
  ]);
  const right = rowErrors(labelSetCells(sets, decidedLabels(scores)));
  const leftOut = sets.labels.filter((_, code) => found.perLabel[code] === null);
  return {
    out: out ?? null,
    head: id,
    rows: X.rows,
    split,
    folds,
    seed,
    groups: grouped?.report ?? null,
    probabilities: source,
    accuracy: right.reduce((sum, errors) => sum + Number(errors === 0), 0) / X.rows,
    classes: perLabel.map(({ name, rows, threshold }) => ({ name, rows, threshold })),
    confidentJoint: [],
    estimatedErrors: noise.reduce((sum, { estimatedRows }) => sum + estimatedRows, 0),
    noise: noise.filter((pair) => pair.rows > 0).sort((a, b) => b.estimatedRows - a.estimatedRows),
    suspects,
    warnings: [
      ...groupWarnings(grouped?.report ?? null),
      ...(leftOut.length === 0
        ? []
        : [
            `fewer rows than the ${folds} folds have, or lack, ${quotedList(leftOut)}: left out, as a head that hardly saw a label would call each of its rows wrong`,
          ]),
      ...judgeWarnings({ id, probabilities: source, folds, unconverged }),
    ],
    seconds: { load, cv, audit: watch.lap() },
    multiLabel: { perLabel, leftOut, ...counted },
  };
}

/** @throws {HeadstartError} `data` if no label has rows enough on both sides. */
function checkLabels(sets: LabelSets, folds: number, path: string): void {
  const counts = countLabels(sets);
  if (counts.some((rows) => rows >= folds && sets.rows - rows >= folds)) return;
  throw new HeadstartError("data", `${path}: no label has ${folds} rows with it, and as many without`, {
    facts: { path, folds, labels: sets.labels, rows: [...counts] },
    hint: "Audit in fewer folds (--cv 2), or add rows.",
  });
}

/** What a head without probabilities has instead: scores are half the difference of its two decision values. */
function sigmoid({ data, rows, cols }: Matrix): Matrix<Float64Array> {
  const out = zeros(rows, cols);
  data.forEach((score, k) => {
    out.data[k] = 1 / (1 + Math.exp(-2 * score));
  });
  return out;
}

/** What was found of one label; nothing of one that was left out. */
function auditedLabel(name: string, rows: number, found: LabelAudit | null, all: number): AuditedLabel {
  const of = (given: 0 | 1): AuditedLabel["missing"] => ({
    rows: found?.confidentJoint[given]?.[1 - given] ?? 0,
    estimatedRows: (found?.joint[given]?.[1 - given] ?? 0) * all,
  });
  return { name, rows, threshold: found?.thresholds[1] ?? null, unwarranted: of(1), missing: of(0) };
}
