import { HeadstartError } from "../core/errors.js";
import { type Embeddings, readEmbeddings } from "../embeddings/file/read-embeddings.js";
import { comparePredictions } from "../evaluation/compare-predictions.js";
import { wilsonInterval } from "../evaluation/wilson-interval.js";
import type { LoadedHead } from "../heads/head-onnx.js";
import { labelledRows } from "./labelled-rows.js";
import { checkFingerprint, nameOf, openHead } from "./load-head.js";
import { type ComparedSets, compareMultiLabel } from "./multi-label/compare-multi-label.js";
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
      checkSameKind(options, a, b);
      const embeddings = await readEmbeddings(options.embeddings, { kept: [] });
      checkFingerprint(nameOf(options.a, a), {
        path: options.embeddings,
        fingerprint: embeddings.meta.fingerprint,
        backbone: embeddings.meta.backbone.id,
      });
      const several = a.meta.multiLabel !== undefined;
      const compared = await (several ? compareMultiLabel : compareOneLabel)(
        options,
        [a, b],
        embeddings,
        watch.lap,
      );
      const { whole, rows, labels, split, load, predict } = compared;
      const { bothRight, onlyA, onlyB, bothWrong, difference, mcnemar } = whole;
      const significant = mcnemar.midP < SIGNIFICANT;
      const described = (path: string, head: LoadedHead, hits: number): ComparedHead => ({
        path,
        head: head.meta.id,
        accuracy: wilsonInterval(hits, rows),
      });
      return {
        a: described(options.a, a, bothRight + onlyA),
        b: described(options.b, b, bothRight + onlyB),
        split,
        rows,
        bothRight,
        onlyA,
        onlyB,
        bothWrong,
        difference,
        mcnemar,
        better: significant ? (onlyA > onlyB ? "a" : "b") : null,
        warnings: warningsOf(options, a, b, labels, split),
        seconds: { load, predict, test: watch.lap() },
        ...(compared.multiLabel && { multiLabel: compared.multiLabel }),
      };
    } finally {
      await b.release();
    }
  } finally {
    await a.release();
  }
}

/** Two heads of one label a row. */
async function compareOneLabel(
  { embeddings: path, split: wanted, seed = 0, signal }: CompareOptions,
  [a, b]: readonly [LoadedHead, LoadedHead],
  embeddings: Embeddings,
  lap: () => number,
): Promise<ComparedSets> {
  const { X, labels, split } = labelledRows(embeddings, path, wanted, "test");
  const load = lap();
  const right = async (head: LoadedHead): Promise<Uint8Array> => {
    const { labels: predicted } = await head.run(X);
    return Uint8Array.from(labels, (label, row) => Number(predicted[row] === label));
  };
  const [rightA, rightB] = [await right(a), await right(b)];
  const predict = lap();
  const whole = await comparePredictions(rightA, rightB, { seed, ...(signal && { signal }) });
  return { whole, multiLabel: null, rows: X.rows, split, labels, load, predict };
}

/** A head that gives one label and one that gives several answer different questions. */
function checkSameKind(options: CompareOptions, a: LoadedHead, b: LoadedHead): void {
  const [one, other] = [a.meta.multiLabel !== undefined, b.meta.multiLabel !== undefined];
  if (one === other) return;
  const [several, single] = one ? [options.a, options.b] : [options.b, options.a];
  throw new HeadstartError("data", `${several} gives several labels a row, ${single} gives one`, {
    facts: { several, single },
    hint: "Train both on one embeddings file: with several labels a row (embed --multi-label), or with one.",
  });
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
      warnings.push(
        `${path} was not trained on ${named.join(", ")}${more}: ${head.meta.multiLabel ? "it never gives such labels" : "such rows count as wrong"}`,
      );
    }
  }
  if (split === null) {
    warnings.push(
      "all labelled rows were used: a head that was trained on them is flattered, one more than the other",
    );
  }
  return warnings;
}
