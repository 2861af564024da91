import { type Command, Option } from "commander";
import type { AbstentionResult, EvaluateOptions, EvaluateResult } from "../../pipeline/types.js";
import { addExamples, addJsonFlag, type JsonFlag } from "../flags.js";
import { count, percent, percentWithInterval } from "../format-number.js";
import { formatFacts, formatTable } from "../format-table.js";
import { frequentConfusions } from "../frequent-confusions.js";
import { probability } from "../parse-value.js";
import { runCommand } from "../run-command.js";
import { shellQuote } from "../shell-quote.js";
import { labelSetLines, perLabelRows } from "./label-set-lines.js";

type Flags = Omit<EvaluateOptions, "head" | "embeddings" | "onProgress" | "signal"> & JsonFlag;

type Interval = { readonly low: number; readonly high: number } | null;

/** Of more classes than this the whole confusion matrix is left to `--json`. */
const SHOWN_CLASSES = 12;

/** `headstart evaluate`: how well a head does on labelled embeddings. */
export function addEvaluateCommand(program: Command): void {
  const command = program
    .command("evaluate")
    .description("measure a head on labelled embeddings")
    .argument("<head>", "trained head (.onnx)")
    .argument("<embeddings>", "embeddings file (.arrow), made by the same backbone")
    .option("--split <name>", "measure on these rows (default: test where there is such a split, else all)")
    .option("--group <column>", "of embed --keep: warn of rows whose value in it other splits have too")
    .addOption(
      new Option("--abstain-below <p>", "also measure without rows whose answer is less probable").argParser(
        probability,
      ),
    );
  addJsonFlag(command);
  addExamples(command, [
    "headstart evaluate reviews.head.onnx reviews.arrow",
    "headstart evaluate reviews.head.onnx reviews.arrow --split test --json",
    "headstart evaluate photos.head.onnx other-photos.arrow",
  ]);
  command.action((head: string, embeddings: string, { json, ...flags }: Flags) =>
    runCommand(json, async ({ control }) => {
      const { evaluate } = await import("../../pipeline/evaluate.js");
      const result = await evaluate({ head, embeddings, ...flags, ...control });
      return {
        result,
        summary: [...evaluateSummary(result), "", ...perClassTable(result), ...confusionTable(result)],
        notes: evaluateNotes(result),
        next: `headstart predict ${shellQuote(head)} <new input>`,
      };
    }),
  );
}

/** The lines that tell how well the head does. */
function evaluateSummary(result: EvaluateResult): string[] {
  const { metrics, multiLabel } = result;
  const { intervals } = metrics;
  return [
    result.head,
    ...formatFacts([
      ["rows", `${count(result.rows)}${result.split === null ? "" : ` of split '${result.split}'`}`],
      [multiLabel ? "whole sets right" : "accuracy", percentWithInterval(metrics.accuracy)],
      [
        "floor",
        `${percent(metrics.floor)}, always the ${multiLabel ? "commonest set" : "largest class"} of the training rows`,
      ],
      ...(multiLabel ? labelSetLines(multiLabel) : []),
      ["balanced accuracy", `${percent(metrics.balancedAccuracy)}${percents(intervals.balancedAccuracy)}`],
      ["macro F1", withInterval(metrics.macroF1, intervals.macroF1)],
      ["micro F1", multiLabel ? withInterval(metrics.microF1, intervals.microF1) : null],
      ["weighted F1", withInterval(metrics.weightedF1, intervals.weightedF1)],
      ["MCC", withInterval(metrics.mcc, intervals.mcc)],
      ["ROC-AUC", withInterval(metrics.rocAuc, intervals.rocAuc)],
      ["PR-AUC", withInterval(metrics.prAuc, intervals.prAuc)],
      ["log-loss", withInterval(metrics.logLoss, intervals.logLoss)],
      ["Brier score", withInterval(metrics.brier, intervals.brier)],
      ["calibration error", withInterval(metrics.calibrationError, intervals.calibrationError)],
      ["abstaining", result.abstention && abstentionLine(result.abstention)],
    ]),
  ];
}

/** `below 0.8: answers 91.3% of the rows, of those 97.1% (95.0 to 98.3) right`. */
function abstentionLine({ below, coverage, accuracy }: AbstentionResult): string {
  const right = accuracy ? `, of those ${percentWithInterval(accuracy)} right` : "";
  return `below ${below}: answers ${percent(coverage)} of the rows${right}`;
}

/** `0.939 (0.902 to 0.968)`; null where the figure does not apply. */
function withInterval(value: number | null, interval: Interval): string | null {
  if (value === null) return null;
  const range = interval && ` (${interval.low.toFixed(3)} to ${interval.high.toFixed(3)})`;
  return `${value.toFixed(3)}${range ?? ""}`;
}

/** ` (90.3 to 97.0)`, of shares. */
function percents(interval: Interval): string {
  return interval ? ` (${(100 * interval.low).toFixed(1)} to ${(100 * interval.high).toFixed(1)})` : "";
}

/** Warnings, for stderr. */
export function evaluateNotes(result: EvaluateResult): string[] {
  return result.warnings.map((warning) => `warning: ${warning}`);
}

function perClassTable(result: EvaluateResult): string[] {
  if (result.multiLabel) {
    return formatTable(perLabelRows(result.multiLabel), ["label", "precision", "recall", "F1", "AP", "rows"]);
  }
  return formatTable(
    result.perClass.map(({ name, precision, recall, f1, rows }) => [
      name,
      percent(precision),
      percent(recall),
      f1.toFixed(3),
      count(rows),
    ]),
    ["class", "precision", "recall", "F1", "rows"],
  );
}

function confusionTable({ confusion, multiLabel }: EvaluateResult): string[] {
  if (multiLabel) return [];
  if (confusion.classes.length > SHOWN_CLASSES) return ["", ...frequentConfusions(confusion)];
  return [
    "",
    ...formatTable(
      confusion.counts.map((row, i) => [confusion.classes[i] ?? "", ...row.map(count)]),
      ["is \\ called", ...confusion.classes],
    ),
  ];
}
