import { type Command, Option } from "commander";
import type { CandidateResult, SearchOptions, SearchResult } from "../../pipeline/types/search-types.js";
import { CALIBRATIONS, ENGINES, HEADS, METRICS, SCALES } from "../../pipeline/yaml/choices.js";
import { addExamples, addJsonFlag, type JsonFlag, threadsOption } from "../flags.js";
import { count, counted, duration, percent, percentWithInterval } from "../format-number.js";
import { formatFacts, formatTable } from "../format-table.js";
import { collectChoices, collectGrid, projectionAmounts } from "../parse-grid.js";
import { thresholdTarget, wholeNumber } from "../parse-value.js";
import { whitenAlone } from "../pca-choice.js";
import { runCommand } from "../run-command.js";
import { shellQuote } from "../shell-quote.js";
import { emptyRows } from "./label-set-lines.js";
import { calibrationLine, classList, groupLine, thresholdLine, thresholdOf } from "./train.js";

interface Flags
  extends JsonFlag,
    Pick<
      SearchOptions,
      | "out"
      | "engine"
      | "grid"
      | "metric"
      | "cv"
      | "repeats"
      | "halving"
      | "nested"
      | "group"
      | "groupDuplicates"
      | "seed"
      | "split"
      | "calibrate"
      | "threshold"
      | "positive"
      | "sample"
      | "threads"
    > {
  readonly head?: NonNullable<SearchOptions["heads"]>;
  readonly scale?: NonNullable<SearchOptions["scales"]>;
  readonly pca?: readonly (number | null)[];
  readonly whiten?: boolean;
}

/** Candidates that are shown. */
const SHOWN = 10;

/** `headstart search`: the best head and options, by cross-validation. */
export function addSearchCommand(program: Command): void {
  const command = program
    .command("search")
    .description("find the best head and options by cross-validation, and train it")
    .argument("<embeddings>", "embeddings file (.arrow) with labels")
    .option("-o, --out <file>", "head to write (.onnx): the winner, trained on all rows")
    .addOption(
      new Option(
        "--head <name>",
        "head to try; repeatable (default: linear-svm and logistic-regression)",
      ).argParser(collectChoices(HEADS)),
    )
    .addOption(new Option("--engine <engine>", "whose solver (default: headstart)").choices(ENGINES))
    .addOption(
      new Option(
        "--grid <name=values>",
        "values of an option, such as C=0.1,1,10 or svm.gamma=scale,0.01; repeatable (default: what suits the head)",
      ).argParser(collectGrid),
    )
    .addOption(
      new Option(
        "--scale <how>",
        "scalings to try, such as none,standard (default: what suits the head)",
      ).argParser(collectChoices(SCALES)),
    )
    .addOption(
      new Option("--pca <amounts>", "projections to try, such as none,64,0.95 (default: none)").argParser(
        projectionAmounts,
      ),
    )
    .option("--whiten", "scale the components of --pca to variance 1")
    .addOption(
      new Option(
        "--metric <figure>",
        "what candidates are compared by (default: accuracy; of several labels a row macro-f1)",
      ).choices(METRICS),
    )
    .addOption(
      new Option("--cv <folds>", "folds of the cross-validation (default: 5)").argParser(wholeNumber(2)),
    )
    .addOption(
      new Option("--repeats <n>", "of the cross-validation, each with other folds (default: 1)").argParser(
        wholeNumber(1),
      ),
    )
    .option("--halving", "all candidates on few rows, the best third on three times as many, and so on")
    .addOption(
      new Option(
        "--nested <folds>",
        "repeat the search in so many outer folds, for an honest figure of it",
      ).argParser(wholeNumber(2)),
    )
    .option("--group <column>", "of embed --keep: rows with one value are never on both sides of a fold")
    .option("--group-duplicates", "keep near-duplicate rows in one fold")
    .addOption(threadsOption())
    .addOption(new Option("--seed <n>", "of every random choice (default: 0)").argParser(wholeNumber(0)))
    .addOption(
      new Option(
        "--calibrate <method>",
        "fit the winner's probabilities to its answers in the folds (default: the head's own)",
      ).choices(CALIBRATIONS),
    )
    .addOption(
      new Option(
        "--threshold <target>",
        "the winner calls rows --positive from where precision=0.9, or recall=0.95, is reached; of two classes",
      ).argParser(thresholdTarget),
    )
    .option("--positive <class>", "the class that --threshold is about")
    .option("--no-sample", "store no training rows in the head (default: 8 at most, to check it on)")
    .option("--split <name>", "search on these rows (default: train where there is such a split, else all)");
  addJsonFlag(command);
  addExamples(command, [
    "headstart search reviews.arrow -o best.onnx --nested 5",
    "headstart search reviews.arrow -o best.onnx --head svm --head logistic-regression --grid C=0.1,1,10 --grid gamma=scale,0.01",
    "headstart search photos.arrow --head random-forest --grid maxDepth=8,16,null --halving --json",
  ]);
  command.action((embeddings: string, { json, head, scale, pca, whiten, ...flags }: Flags) =>
    runCommand(json, async ({ control }) => {
      if (whiten && !pca?.some((amount) => amount !== null)) throw whitenAlone();
      const { search } = await import("../../pipeline/search/search.js");
      const result = await search({
        embeddings,
        ...flags,
        ...(head && { heads: head }),
        ...(scale && { scales: scale }),
        ...(pca && {
          pcas: pca.map((amount) => amount && { components: amount, whiten: whiten ?? false }),
        }),
        ...control,
      });
      return {
        result,
        summary: searchSummary(result),
        notes: result.warnings.map((warning) => `warning: ${warning}`),
        next: nextStep(result, embeddings),
      };
    }),
  );
}

function searchSummary(result: SearchResult): string[] {
  const { best, nested, candidates, seconds, multiLabel, metric } = result;
  const metricName = METRIC_NAMES[metric];
  const times = result.repeats > 1 ? `, ${result.repeats} times` : "";
  const ranked = [...candidates].sort((a, b) => a.rank - b.rank);
  const rest = ranked.length - SHOWN;
  return [
    result.out ?? "(not saved: give -o best.onnx)",
    ...formatTable(
      ranked
        .slice(0, SHOWN)
        .map((one) => [
          `  ${one.rank}`,
          one.head,
          settings(one),
          count(one.trainingRows),
          one.mean === null ? "-" : percent(one.mean),
          one.standardError === null ? (one.problem ?? "-") : `± ${(100 * one.standardError).toFixed(1)}`,
        ]),
      ["  rank", "head", "options", "rows", metricName, "error"],
    ),
    ...(rest > 0 ? [`  and ${counted(rest, "more candidate")} (--json lists them)`] : []),
    "",
    ...formatFacts([
      [
        "best of the grid",
        `${percent(best.mean)} ± ${(100 * best.standardError).toFixed(1)}, ${result.folds} folds${times}`,
      ],
      [
        "nested",
        nested &&
          `${percent(nested.mean)} ± ${(100 * nested.standardError).toFixed(1)}, ${nested.folds} outer folds`,
      ],
      [
        "difference",
        nested && `${points(nested.optimism)} points: what choosing adds to the best of the grid`,
      ],
      [
        multiLabel ? "whole sets right" : "accuracy",
        `${percentWithInterval(result.metrics.accuracy)}, ${nested === null ? "best of the grid" : "nested"}`,
      ],
      ["macro F1", multiLabel ? result.metrics.macroF1.toFixed(3) : null],
      ["Hamming loss", multiLabel ? multiLabel.hammingLoss.toFixed(4) : null],
      ["labels", multiLabel ? classList(result.classes) : null],
      ["no label", multiLabel ? emptyRows(multiLabel) : null],
      ["groups", result.groups && groupLine(result.groups)],
      [
        "floor",
        `${percent(result.metrics.floor)}, always the ${multiLabel ? "commonest set" : "largest class"}`,
      ],
      ["calibration", result.calibration && calibrationLine(result.calibration)],
      ["threshold", result.threshold && thresholdLine(result.threshold)],
      ...(multiLabel?.thresholds ?? []).slice(0, 12).map(thresholdOf),
      [
        "rows",
        `${count(result.rows)}${result.split === null ? "" : ` of split '${result.split}'`}, ${result.dim}-d`,
      ],
      ["time", `${duration(seconds.search + seconds.nested)} for ${counted(result.fits, "fit")}`],
    ]),
  ];
}

/** How figures are called; MCC is shown times 100 as the others are. */
const METRIC_NAMES: Readonly<Record<SearchResult["metric"], string>> = {
  accuracy: "accuracy",
  "balanced-accuracy": "balanced accuracy",
  "macro-f1": "macro F1",
  "micro-f1": "micro F1",
  "weighted-f1": "weighted F1",
  "samples-f1": "samples F1",
  mcc: "MCC",
};

/** `C=1 gamma="scale", standard, pca 64`. */
function settings({ set, scale, pca }: CandidateResult): string {
  const options = Object.entries(set).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return [
    options.join(" ") || "defaults",
    ...(scale === "none" ? [] : [scale]),
    ...(pca === null ? [] : [`pca ${pca.components}${pca.whiten ? " (whitened)" : ""}`]),
  ].join(", ");
}

function points(share: number): string {
  return `${share > 0 ? "+" : ""}${(100 * share).toFixed(1)}`;
}

function nextStep(result: SearchResult, embeddings: string): string {
  if (result.out === null) return `headstart search ${shellQuote(embeddings)} -o best.onnx`;
  const head = shellQuote(result.out);
  return result.split === null
    ? `headstart predict ${head} <new input>`
    : `headstart evaluate ${head} ${shellQuote(embeddings)}`;
}
