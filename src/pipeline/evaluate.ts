import { readEmbeddings } from "../embeddings/read-embeddings.js";
import { classificationReport } from "../evaluation/classification-report.js";
import { confusionMatrix } from "../evaluation/confusion-matrix.js";
import { labelledRows } from "./labelled-rows.js";
import { checkFingerprint, nameOf, openHead } from "./load-head.js";
import { stopwatch } from "./stopwatch.js";
import { metricsOf } from "./train.js";
import type { EvaluateOptions, EvaluateResult } from "./types.js";

/**
 * Measures a head on labelled embeddings that it was not trained on.
 * @throws {HeadstartError} `fingerprint` if the embeddings come from another backbone; `data` without labels.
 * @example await evaluate({ head: "reviews.onnx", embeddings: "reviews.arrow", split: "test" })
 */
export async function evaluate(options: EvaluateOptions): Promise<EvaluateResult> {
  const watch = stopwatch();
  const head = await openHead(options.head);
  try {
    const embeddings = await readEmbeddings(options.embeddings);
    const { fingerprint, backbone } = embeddings.meta;
    checkFingerprint(
      nameOf(options.head, head),
      { path: options.embeddings, fingerprint, backbone: backbone.id },
      [head.meta.backbone, backbone],
    );
    const { X, labels, split } = labelledRows(embeddings, options.embeddings, options.split, "test");
    const load = watch.lap();
    const { labels: predicted } = await head.run(X);
    const unknown = [...new Set(labels)].filter((label) => !head.classes.includes(label)).sort();
    const classes = [...head.classes, ...unknown];
    const codeOf = new Map(classes.map((name, code) => [name, code]));
    const codes = (names: readonly string[]): number[] => names.map((name) => codeOf.get(name)!);
    const counts = confusionMatrix(codes(labels), codes(predicted), classes.length);
    const warnings: string[] = [];
    if (unknown.length > 0) {
      warnings.push(`the head was not trained on ${quotedList(unknown)}: such rows count as wrong`);
    }
    if (split === null)
      warnings.push("all labelled rows were used: figures on rows that trained the head flatter it");
    return {
      head: head.meta.id,
      split,
      rows: X.rows,
      metrics: metricsOf(counts, classes, head.meta.classRows),
      perClass: classificationReport(counts, classes).perClass,
      confusion: { classes, counts },
      unknownLabels: unknown,
      warnings,
      seconds: { load, predict: watch.lap() },
    };
  } finally {
    await head.release();
  }
}

/** `'a', 'b'`; the first five of many. */
function quotedList(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => `'${name}'`);
  return `${shown.join(", ")}${names.length > shown.length ? ` and ${names.length - shown.length} more` : ""}`;
}
