import { type Command, Option } from "commander";
import type { CompareOptions, CompareResult } from "../../pipeline/types.js";
import { addExamples, addJsonFlag, type JsonFlag } from "../flags.js";
import { count, percentWithInterval } from "../format-number.js";
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
  const { a, b, difference, mcnemar } = result;
  const points = (share: number): string => `${share > 0 ? "+" : ""}${(100 * share).toFixed(1)}`;
  return [
    ...formatTable(
      [a, b].map(({ path, head, accuracy }, i) => ["AB"[i]!, path, head, percentWithInterval(accuracy)]),
      ["", "file", "head", "accuracy (95%)"],
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
    ]),
    "",
    verdict(result),
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
