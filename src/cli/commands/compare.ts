import { type Command, Option } from "commander";
import type { CompareOptions, CompareResult, MultiLabelComparison } from "../../pipeline/types.js";
import { addExamples, addJsonFlag, type JsonFlag } from "../flags.js";
import { count, counted, percentWithInterval } from "../format-number.js";
import { formatFacts, formatTable } from "../format-table.js";
import { wholeNumber } from "../parse-value.js";
import { runCommand } from "../run-command.js";
import { shellQuote } from "../shell-quote.js";

type Flags = Pick<CompareOptions, "split" | "seed"> & JsonFlag;

/** `headstart compare`: whether one of two heads is better by more than chance. */
export function addCompareCommand(program: Command): void {
  const command = program
    .command("compare")
    .description("compare two heads on the same rows: is one better by more than chance?")
    .argument("<a>", "trained head (.onnx)")
    .argument("<b>", "another head, of the same backbone (.onnx)")
    .argument("<embeddings>", "embeddings file (.arrow) with labels, made by that backbone")
    .option("--split <name>", "compare on these rows (default: test where there is such a split, else all)")
    .addOption(new Option("--seed <n>", "of the bootstrap (default: 0)").argParser(wholeNumber(0)));
  addJsonFlag(command);
  addExamples(command, [
    "headstart compare svm.onnx forest.onnx reviews.arrow",
    "headstart compare old.onnx new.onnx reviews.arrow --split test --json",
  ]);
  command.action((a: string, b: string, embeddings: string, { json, ...flags }: Flags) =>
    runCommand(json, async ({ control }) => {
      const { compare } = await import("../../pipeline/compare.js");
      const result = await compare({ a, b, embeddings, ...flags, ...control });
      return {
        result,
        summary: compareSummary(result),
        notes: result.warnings.map((warning) => `warning: ${warning}`),
        next: `headstart evaluate ${shellQuote(result.better === "b" ? b : a)} ${shellQuote(embeddings)}`,
      };
    }),
  );
}

/** What the comparison found, and what that means in words. */
function compareSummary(result: CompareResult): string[] {
  const { a, b, difference, mcnemar, multiLabel } = result;
  const points = (share: number): string => `${share > 0 ? "+" : ""}${(100 * share).toFixed(1)}`;
  return [
    ...formatTable(
      [a, b].map(({ path, head, accuracy }, i) => ["AB"[i]!, path, head, percentWithInterval(accuracy)]),
      ["", "file", "head", multiLabel ? "whole sets right (95%)" : "accuracy (95%)"],
    ),
    "",
    ...formatFacts([
      ["rows", `${count(result.rows)}${result.split === null ? "" : ` of split '${result.split}'`}`],
      ["both right", count(result.bothRight)],
      ["only A right", count(result.onlyA)],
      ["only B right", count(result.onlyB)],
      ["both wrong", count(result.bothWrong)],
      [
        "A less B",
        `${points(difference.value)} points (${points(difference.low)} to ${points(difference.high)})`,
      ],
      ["McNemar", `exact p ${pValue(mcnemar.p)}, mid-p ${pValue(mcnemar.midP)}`],
      ["macro F1", multiLabel ? f1Line(multiLabel.macroF1) : null],
      ["micro F1", multiLabel ? f1Line(multiLabel.microF1) : null],
    ]),
    "",
    ...(multiLabel ? labelLines(multiLabel) : []),
    verdict(result),
  ];
}

/** `A 0.812, B 0.790, A less B +0.022 (+0.010 to +0.034)`. */
function f1Line({ a, b, difference, interval }: MultiLabelComparison["macroF1"]): string {
  const signed = (value: number): string => `${value > 0 ? "+" : ""}${value.toFixed(3)}`;
  const range = interval ? ` (${signed(interval.low)} to ${signed(interval.high)})` : "";
  return `A ${a.toFixed(3)}, B ${b.toFixed(3)}, A less B ${signed(difference)}${range}`;
}

/** Labels that are shown. */
const SHOWN = 12;

/** The labels that tell the heads apart most, and in which of them that is more than chance. */
function labelLines({ perLabel }: MultiLabelComparison): string[] {
  const ranked = [...perLabel].sort((a, b) => a.corrected - b.corrected || a.mcnemar.midP - b.mcnemar.midP);
  const rows = ranked
    .slice(0, SHOWN)
    .map(({ name, rows: n, f1, onlyA, onlyB, corrected }) => [
      ...[name, count(n), f1.a.toFixed(3), f1.b.toFixed(3), count(onlyA), count(onlyB)],
      corrected < 0.0001 ? "< 0.0001" : corrected.toFixed(4),
    ]);
  const better = (of: "A" | "B"): string[] => {
    const found = ranked.filter(
      ({ corrected, onlyA, onlyB }) => corrected < 0.05 && onlyA > onlyB === (of === "A"),
    );
    if (found.length === 0) return [];
    const more = found.length > SHOWN ? ` and ${counted(found.length - SHOWN, "more label")}` : "";
    return [
      `${of} is better in ${found
        .slice(0, SHOWN)
        .map(({ name }) => name)
        .join(", ")}${more}.`,
    ];
  };
  const said = [...better("A"), ...better("B")];
  return [
    ...formatTable(rows, ["label", "rows", "F1 of A", "F1 of B", "only A right", "only B right", "Holm's p"]),
    ...(ranked.length > SHOWN
      ? [`and ${counted(ranked.length - SHOWN, "more label")} (--json lists them)`]
      : []),
    "",
    ...(said.length > 0 ? said : ["No label tells them apart by more than chance (Holm's correction)."]),
  ];
}

function verdict({ a, b, better, onlyA, onlyB, mcnemar }: CompareResult): string {
  if (better !== null) {
    const [winner, loser] = better === "a" ? [a, b] : [b, a];
    return `${winner.path} is better than ${loser.path} by more than chance (mid-p ${pValue(mcnemar.midP)}, below 0.05).`;
  }
  if (onlyA + onlyB === 0)
    return "Both heads are right and wrong on the same rows: nothing tells them apart.";
  return `The difference is no more than chance brings about (mid-p ${pValue(mcnemar.midP)}, not below 0.05): these rows do not show that either is better.`;
}

function pValue(p: number): string {
  return p < 0.0001 ? "< 0.0001" : `= ${p.toFixed(4)}`;
}
