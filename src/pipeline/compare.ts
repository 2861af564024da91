import { HeadstartError } from "../core/errors.js";
import { readEmbeddings } from "../embeddings/file/read-embeddings.js";
import { comparePredictions } from "../evaluation/compare-predictions.js";
import { wilsonInterval } from "../evaluation/wilson-interval.js";
import type { LoadedHead } from "../heads/head-onnx.js";
import { labelledRows } from "./labelled-rows.js";
import { checkFingerprint, nameOf, openHead } from "./load-head.js";
import { stopwatch } from "./stopwatch.js";
import type { ComparedHead, CompareOptions, CompareResult } from "./types.js";

/** A difference that chance brings about less often than this is taken for one. */
const SIGNIFICANT = 0.05;

/**
 * Compares two heads on the same labelled embeddings: is one better by more than chance?
 * @throws {HeadstartError} `fingerprint` if the heads, or the embeddings, come from different backbones; `data`
 *   without labels.
 * @example await compare({ a: "svm.onnx", b: "forest.onnx", embeddings: "reviews.arrow", split: "test" })
 */
export async function compare(options: CompareOptions): Promise<CompareResult> {
  const watch = stopwatch();
  const a = await openHead(options.a);
  try {
    const b = await openHead(options.b);
    try {
      checkSameBackbone(options, a, b);
      const embeddings = await readEmbeddings(options.embeddings, { kept: [] });
      checkFingerprint(nameOf(options.a, a), {
        path: options.embeddings,
        fingerprint: embeddings.meta.fingerprint,
        backbone: embeddings.meta.backbone.id,
      });
      const { X, labels, split } = labelledRows(embeddings, options.embeddings, options.split, "test");
      const load = watch.lap();
      const right = async (head: LoadedHead): Promise<Uint8Array> => {
        const { labels: predicted } = await head.run(X);
        return Uint8Array.from(labels, (label, row) => Number(predicted[row] === label));
      };
      const [rightA, rightB] = [await right(a), await right(b)];
      const predict = watch.lap();
      const { bothRight, onlyA, onlyB, bothWrong, difference, mcnemar } = await comparePredictions(
        rightA,
        rightB,
        { seed: options.seed ?? 0, ...(options.signal && { signal: options.signal }) },
      );
      const significant = mcnemar.midP < SIGNIFICANT;
      const described = (path: string, head: LoadedHead, hits: number): ComparedHead => ({
        path,
        head: head.meta.id,
        accuracy: wilsonInterval(hits, X.rows),
      });
      return {
        a: described(options.a, a, bothRight + onlyA),
        b: described(options.b, b, bothRight + onlyB),
        split,
        rows: X.rows,
        bothRight,
        onlyA,
        onlyB,
        bothWrong,
        difference,
        mcnemar,
        better: significant ? (onlyA > onlyB ? "a" : "b") : null,
        warnings: warningsOf(options, a, b, labels, split),
        seconds: { load, predict, test: watch.lap() },
      };
    } finally {
      await b.release();
    }
  } finally {
    await a.release();
  }
}

/** No embeddings file fits heads of two backbones. */
function checkSameBackbone(options: CompareOptions, a: LoadedHead, b: LoadedHead): void {
  if (a.fingerprint === b.fingerprint) return;
  const heads = [nameOf(options.a, a), nameOf(options.b, b)] as const;
  const [one, other] = heads.map(
    ({ path, backbone, fingerprint }) => `${path} was trained on '${backbone}' (${fingerprint.slice(0, 12)})`,
  );
  throw new HeadstartError("fingerprint", `${one}, ${other}: no embeddings file fits both`, {
    facts: { heads },
    hint: "Train both heads on embeddings of one backbone; or embed the same rows with each backbone, run headstart evaluate for each head on its own file, and compare the accuracies with their intervals.",
  });
}

function warningsOf(
  options: CompareOptions,
  a: LoadedHead,
  b: LoadedHead,
  labels: readonly string[],
  split: string | null,
): string[] {
  const warnings: string[] = [];
  for (const [path, head] of [
    [options.a, a],
    [options.b, b],
  ] as const) {
    const known = new Set(head.classes);
    const unknown = [...new Set(labels)].filter((label) => !known.has(label)).sort();
    if (unknown.length > 0) {
      const more = unknown.length > 5 ? ` and ${unknown.length - 5} more` : "";
      const named = unknown.slice(0, 5).map((label) => `'${label}'`);
      warnings.push(`${path} was not trained on ${named.join(", ")}${more}: such rows count as wrong`);
    }
  }
  if (split === null) {
    warnings.push(
      "all labelled rows were used: a head that was trained on them is flattered, one more than the other",
    );
  }
  return warnings;
}
