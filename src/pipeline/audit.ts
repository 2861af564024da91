import { writeFileAtomic } from "../core/atomic-file.js";
import { HeadstartError } from "../core/errors.js";
import { readEmbeddings } from "../embeddings/file/read-embeddings.js";
import { auditLabels } from "../evaluation/label-audit.js";
import { outOfFoldProbabilities } from "../evaluation/label-audit-probabilities.js";
import { checkTrainingData } from "../heads/check-training-data.js";
import { fitHead } from "../heads/head.js";
import { createHead } from "../heads/registry.js";
import { judgeWarnings } from "./audit-warnings.js";
import { checkFolds } from "./check-folds.js";
import { checkTarget } from "./check-target.js";
import { classesToLearn } from "./classes-to-learn.js";
import { labelledRows } from "./labelled-rows.js";
import { auditMultiLabel } from "./multi-label/audit-multi-label.js";
import { stopwatch } from "./stopwatch.js";
import { suspectsCsv } from "./suspects-csv.js";
import { fitControl } from "./train/fit-control.js";
import { groupWarnings, trainingGroups } from "./train/training-groups.js";
import type { AuditOptions, AuditResult, NoisyPair, SuspectRow } from "./types/audit-types.js";

/**
 * Looks for wrong labels by confident learning: rows whose probability, by a head that did not see them, contradicts
 * their label. Where rows have several labels, each is looked at by itself.
 * @throws {HeadstartError} `data` if there are no labels or too few; `usage` for an option that the head does not have.
 * @example await audit({ embeddings: "reviews.arrow", out: "suspects.csv" })
 */
export async function audit(options: AuditOptions): Promise<AuditResult> {
  const watch = stopwatch();
  const { embeddings: path, out, cv: folds = 5, seed = 0, signal, onProgress } = options;
  const blocking = options.blocking ?? ((work) => work());
  const { head: name = "logistic-regression", engine = "headstart", set = {}, scale = "auto" } = options;
  const recipe = { name, engine, set, scale, pca: options.pca, seed };
  const { id } = createHead(name, recipe);
  if (out !== undefined && !/\.csv$/i.test(out)) {
    throw new HeadstartError("usage", `Suspects are written as CSV, but ${out} is not named like that`, {
      facts: { path: out },
      hint: "Give it a name that ends in .csv.",
    });
  }
  await checkTarget(out, [path]);
  const embeddings = await readEmbeddings(path, { kept: options.group === undefined ? [] : [options.group] });
  if (embeddings.meta.labels === "multi") return auditMultiLabel(options, embeddings, recipe, id, watch);
  const { X, labels, indices, split } = labelledRows(embeddings, path, options.split, "train");
  const { y, counts } = classesToLearn(labels, path);
  checkTrainingData(X, y);
  checkFolds(counts, folds);
  const grouped = await trainingGroups(options, embeddings, indices, X);
  const load = watch.lap();
  let done = 0;
  const { probabilities, source, predicted, unconverged } = await outOfFoldProbabilities(recipe, X, y, {
    folds,
    seed,
    ...(grouped && { groups: grouped.groups }),
    ...(signal && { signal }),
    fit: (one, rows, codes) => blocking(() => fitHead(one, rows, codes, fitControl(options, "fold"))),
    onFit: () => onProgress?.({ stage: "cross-validate", done: ++done, total: folds, unit: "folds" }),
  });
  const cv = watch.lap();
  const found = auditLabels(probabilities, y);
  const suspects = found.suspects.map(({ row, label, suggested, selfConfidence, margin }): SuspectRow => {
    const index = indices[row]!;
    return {
      id: embeddings.ids[index]!,
      source: embeddings.sources[index] ?? null,
      label: y.classes[label]!,
      suggested: y.classes[suggested]!,
      selfConfidence,
      margin,
    };
  });
  if (out !== undefined) await writeFileAtomic(out, suspectsCsv(suspects));
  const pairs = noisyPairs(found.joint, found.confidentJoint, y.classes, X.rows);
  return {
    out: out ?? null,
    head: id,
    rows: X.rows,
    split,
    folds,
    seed,
    groups: grouped?.report ?? null,
    probabilities: source,
    accuracy: predicted.reduce((hits, code, row) => hits + Number(code === y.codes[row]), 0) / X.rows,
    classes: counts.map((one, code) => ({ ...one, threshold: found.thresholds[code]! })),
    confidentJoint: found.confidentJoint,
    estimatedErrors: pairs.reduce((sum, { estimatedRows }) => sum + estimatedRows, 0),
    noise: pairs,
    suspects,
    warnings: [
      ...groupWarnings(grouped?.report ?? null),
      ...judgeWarnings({ id, probabilities: source, folds, unconverged }),
    ],
    seconds: { load, cv, audit: watch.lap() },
  };
}

/** Pairs of a label and the class that its rows seem to be of, the most frequent first. */
function noisyPairs(
  joint: readonly (readonly number[])[],
  counted: readonly (readonly number[])[],
  classes: readonly string[],
  rows: number,
): NoisyPair[] {
  return joint
    .flatMap((shares, label) =>
      shares.map((share, suggested) => ({
        label: classes[label]!,
        suggested: classes[suggested]!,
        rows: label === suggested ? 0 : counted[label]![suggested]!,
        estimatedRows: share * rows,
      })),
    )
    .filter((pair) => pair.rows > 0)
    .sort((a, b) => b.estimatedRows - a.estimatedRows);
}
