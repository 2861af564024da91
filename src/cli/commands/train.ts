import { type Command, Option } from "commander";
import type {
  CalibrationResult,
  GroupReport,
  ThresholdResult,
  TrainOptions,
  TrainResult,
} from "../../pipeline/types.js";
import { CALIBRATIONS, ENGINES, HEADS, SCALES } from "../../pipeline/yaml/choices.js";
import { addExamples, addJsonFlag, type JsonFlag, threadsOption } from "../flags.js";
import { count, duration, percent, percentWithInterval } from "../format-number.js";
import { formatFacts } from "../format-table.js";
import { collectSetting, componentAmount, thresholdTarget, wholeNumber } from "../parse-value.js";
import { pcaChoice } from "../pca-choice.js";
import { runCommand } from "../run-command.js";
import { shellQuote } from "../shell-quote.js";
import { emptyRows, labelSetLines } from "./label-set-lines.js";

type Flags = Omit<TrainOptions, "embeddings" | "onProgress" | "signal" | "pca"> &
  JsonFlag & { readonly pca?: number; readonly whiten?: boolean };

/** `headstart train`: an embeddings file into a head. */
export function addTrainCommand(program: Command): void {
  const command = program
    .command("train")
    .description("train a head on embeddings, and cross-validate it")
    .argument("<embeddings>", "embeddings file (.arrow) with labels")
    .option("-o, --out <file>", "head to write (.onnx); without it nothing is saved")
    .addOption(new Option("--head <name>", "which head (default: linear-svm)").choices(HEADS))
    .addOption(new Option("--engine <engine>", "whose solver (default: headstart)").choices(ENGINES))
    .addOption(
      new Option("--set <name=value>", "an option of the head, such as C=1; repeatable").argParser(
        collectSetting,
      ),
    )
    .addOption(new Option("--scale <how>", "of the features (default: what suits the head)").choices(SCALES))
    .addOption(
      new Option(
        "--pca <amount>",
        "project features to so many components, or below 1 to that share of their variance",
      ).argParser(componentAmount),
    )
    .option("--whiten", "scale the components of --pca to variance 1")
    .addOption(
      new Option("--cv <folds>", "folds of the cross-validation; 0 trains only (default: 5)").argParser(
        foldCount,
      ),
    )
    .addOption(
      new Option("--repeats <n>", "of the cross-validation, each with other folds (default: 1)").argParser(
        wholeNumber(1),
      ),
    )
    .option("--group <column>", "of embed --keep: rows with one value are never on both sides of a fold")
    .option("--group-duplicates", "keep near-duplicate rows in one fold (default: warn of them)")
    .addOption(threadsOption())
    .addOption(new Option("--seed <n>", "of every random choice (default: 0)").argParser(wholeNumber(0)))
    .addOption(
      new Option(
        "--calibrate <method>",
        "fit probabilities to the answers of the cross-validation (default: the head's own)",
      ).choices(CALIBRATIONS),
    )
    .addOption(
      new Option(
        "--threshold <target>",
        "call rows --positive from where precision=0.9, or recall=0.95, is reached; of two classes",
      ).argParser(thresholdTarget),
    )
    .option("--positive <class>", "the class that --threshold is about")
    .option("--no-sample", "store no training rows in the head (default: 8 at most, to check it on)")
    .option("--split <name>", "train on these rows (default: train where there is such a split, else all)");
  addJsonFlag(command);
  addExamples(command, [
    "headstart train reviews.arrow -o reviews.head.onnx",
    "headstart train reviews.arrow -o rbf.onnx --head svm --set C=10 --set gamma=scale",
    "headstart train mail.arrow -o mail.onnx --calibrate platt --positive spam --threshold precision=0.99",
    "headstart train photos.arrow --head random-forest --set nEstimators=200 --cv 10 --seed 7",
  ]);
  command.action((embeddings: string, { json, pca, whiten, ...flags }: Flags) =>
    runCommand(json, async ({ control }) => {
      const projection = pcaChoice(pca, whiten);
      const { train } = await import("../../pipeline/train/train.js");
      const result = await train({
        embeddings,
        ...flags,
        ...projection,
        ...control,
      });
      return {
        result,
        summary: trainSummary(result),
        notes: result.warnings.map((warning) => `warning: ${warning}`),
        next: nextStep(result, embeddings),
      };
    }),
  );
}

/** The lines that tell what was trained and how well it does. */
function trainSummary(result: TrainResult): string[] {
  const options = Object.entries(result.options).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const { cv, metrics, convergence, seconds, multiLabel } = result;
  return [
    result.out ?? "(not saved: give -o head.onnx)",
    ...formatFacts([
      ["head", result.head],
      ["options", options.length > 0 ? options.join(" ") : null],
      ["features", featureLine(result)],
      [
        "rows",
        `${count(result.rows)}${result.split === null ? "" : ` of split '${result.split}'`}, ${result.dim}-d`,
      ],
      [multiLabel ? "labels" : "classes", classList(result.classes)],
      ["no label", multiLabel ? emptyRows(multiLabel) : null],
      [
        "unlabelled",
        multiLabel && multiLabel.unlabelledRows > 0 ? `${count(multiLabel.unlabelledRows)}, left out` : null,
      ],
      [
        multiLabel ? "whole sets right" : "accuracy",
        metrics && cv
          ? `${percentWithInterval(metrics.accuracy)}, ${cv.folds}-fold cross-validated${cv.repeats > 1 ? `, ${cv.repeats} times` : ""}`
          : null,
      ],
      ["groups", result.groups && groupLine(result.groups)],
      [
        "floor",
        metrics
          ? `${percent(metrics.floor)}, always the ${multiLabel ? "commonest set" : "largest class"}`
          : null,
      ],
      ["macro F1", metrics ? metrics.macroF1.toFixed(3) : null],
      ["micro F1", multiLabel && metrics ? metrics.microF1.toFixed(3) : null],
      ...(multiLabel?.figures ? labelSetLines(multiLabel.figures) : []),
      ["calibration", result.calibration && calibrationLine(result.calibration)],
      ["threshold", result.threshold && thresholdLine(result.threshold)],
      ...(multiLabel?.thresholds ?? []).slice(0, 12).map(thresholdOf),
      [
        "solver",
        convergence && !convergence.converged ? `not converged after ${convergence.iterations} steps` : null,
      ],
      ["time", `${duration(seconds.fit)} fit${cv ? `, ${duration(seconds.cv)} cross-validation` : ""}`],
    ]),
  ];
}

/** `platt, log-loss 0.31 to 0.21, calibration error 0.060 to 0.012 (rows out of fold, …)`. */
export function calibrationLine({ method, before, after, measured }: CalibrationResult): string {
  const figure = (name: keyof typeof after): string =>
    `${before ? `${before[name].toFixed(3)} to ` : ""}${after[name].toFixed(3)}`;
  return `${method}, log-loss ${figure("logLoss")}, calibration error ${figure("calibrationError")} (${measured})`;
}

/** `spam for precision 0.9: precision 91.2%, recall 80.1% (rows out of fold, …)`. */
export function thresholdLine({ positive, target, precision, recall, measured }: ThresholdResult): string {
  const found = precision === null ? "nothing called so" : `precision ${percent(precision)}`;
  return `${positive} for ${target.metric} ${target.value}: ${found}, recall ${percent(recall)} (${measured})`;
}

/** A fact of its own for each label's threshold. */
export const thresholdOf = (one: ThresholdResult): [string, string] => ["threshold", thresholdLine(one)];

/** `ham 4,150, spam 1,896`; the largest eight where there are more. */
export function classList(classes: readonly { readonly name: string; readonly rows: number }[]): string {
  const shown = [...classes].sort((a, b) => b.rows - a.rows).slice(0, 8);
  const rest = classes.length - shown.length;
  return (
    shown.map(({ name, rows }) => `${name} ${count(rows)}`).join(", ") +
    (rest > 0 ? `, and ${rest} more` : "")
  );
}

/** `23 of 'writer', none on both sides of a fold`. */
export function groupLine({ column, duplicates, groups }: GroupReport): string {
  const of = [...(column === null ? [] : [`'${column}'`]), ...(duplicates ? ["near-duplicates"] : [])];
  return `${count(groups)}${of.length > 0 ? ` of ${of.join(" and ")}` : ""}, none on both sides of a fold`;
}

/** `standard, pca 64 (whitened)`; null where features are taken as they are. */
function featureLine({ scale, pca }: TrainResult): string | null {
  const steps = [
    ...(scale === "none" ? [] : [scale]),
    ...(pca === null ? [] : [`pca ${pca.dim}${pca.whiten ? " (whitened)" : ""}`]),
  ];
  return steps.length === 0 ? null : steps.join(", ");
}

function foldCount(text: string): number {
  const folds = wholeNumber(0)(text);
  return folds === 1 ? wholeNumber(2)(text) : folds;
}

function nextStep(result: TrainResult, embeddings: string): string {
  if (result.out === null) return `headstart train ${shellQuote(embeddings)} -o head.onnx`;
  const head = shellQuote(result.out);
  return result.split === null
    ? `headstart predict ${head} <new input>`
    : `headstart evaluate ${head} ${shellQuote(embeddings)}`;
}
