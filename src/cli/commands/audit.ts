import { type Command, Option } from "commander";
import type { AuditOptions, AuditResult } from "../../pipeline/types/audit-types.js";
import { ENGINES, HEADS, SCALES } from "../../pipeline/yaml/choices.js";
import { addExamples, addJsonFlag, type JsonFlag, threadsOption } from "../flags.js";
import { count, duration, percent } from "../format-number.js";
import { formatFacts, formatTable } from "../format-table.js";
import { collectSetting, componentAmount, wholeNumber } from "../parse-value.js";
import { pcaChoice } from "../pca-choice.js";
import { runCommand } from "../run-command.js";
import { shellQuote } from "../shell-quote.js";
import { classList, groupLine } from "./train.js";

type Flags = Omit<AuditOptions, "embeddings" | "onProgress" | "signal" | "blocking" | "pca"> &
  JsonFlag & { readonly pca?: number; readonly whiten?: boolean };

/** Suspects and pairs of classes that are shown. */
const SHOWN = 8;

/** `headstart audit`: rows whose label is probably wrong. */
export function addAuditCommand(program: Command): void {
  const command = program
    .command("audit")
    .description("find rows whose label is probably wrong (confident learning)")
    .argument("<embeddings>", "embeddings file (.arrow) with labels")
    .option("-o, --out <file>", "table of the suspects (.csv), the surest errors first")
    .addOption(new Option("--head <name>", "which head judges (default: logistic-regression)").choices(HEADS))
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
        "project features to so many components, or a share of their variance",
      ).argParser(componentAmount),
    )
    .option("--whiten", "scale the components of --pca to variance 1")
    .addOption(
      new Option(
        "--cv <folds>",
        "folds; a row is judged by a head that did not see it (default: 5)",
      ).argParser(wholeNumber(2)),
    )
    .option("--group <column>", "of embed --keep: rows with one value are never on both sides of a fold")
    .option("--group-duplicates", "keep near-duplicate rows in one fold")
    .addOption(threadsOption())
    .addOption(new Option("--seed <n>", "of every random choice (default: 0)").argParser(wholeNumber(0)))
    .option("--split <name>", "audit these rows (default: train where there is such a split, else all)");
  addJsonFlag(command);
  addExamples(command, [
    "headstart audit reviews.arrow -o suspects.csv",
    "headstart audit photos.arrow -o suspects.csv --head knn --cv 10",
  ]);
  command.action((embeddings: string, { json, pca, whiten, ...flags }: Flags) =>
    runCommand(json, async ({ control }) => {
      const projection = pcaChoice(pca, whiten);
      const { audit } = await import("../../pipeline/audit.js");
      const result = await audit({
        embeddings,
        ...flags,
        ...projection,
        ...control,
      });
      return {
        result,
        summary: auditSummary(result),
        notes: result.warnings.map((warning) => `warning: ${warning}`),
        ...(result.out === null && { next: `headstart audit ${shellQuote(embeddings)} -o suspects.csv` }),
      };
    }),
  );
}

function auditSummary(result: AuditResult): string[] {
  const { suspects, noise, rows, multiLabel } = result;
  const looked = rows * (multiLabel ? multiLabel.perLabel.length - multiLabel.leftOut.length : 1);
  const more = suspects.length - SHOWN;
  return [
    result.out ?? "(not saved: give -o suspects.csv)",
    ...formatFacts([
      ["rows", `${count(rows)}${result.split === null ? "" : ` of split '${result.split}'`}`],
      ["suspects", `${count(suspects.length)} (${percent(suspects.length / looked)})`],
      [
        "estimated errors",
        `${count(Math.round(result.estimatedErrors))} (${percent(result.estimatedErrors / looked)}), the head's own confident mistakes among them`,
      ],
      [
        "judged by",
        `${result.head}, ${percent(result.accuracy)} ${multiLabel ? "of whole sets right by" : "accurate on"} the labels as they are, ${result.folds} folds`,
      ],
      ["labels", multiLabel ? `${classList(result.classes)}; each looked at by itself` : null],
      ["groups", result.groups && groupLine(result.groups)],
      ["time", duration(result.seconds.cv)],
    ]),
    ...(suspects.length === 0
      ? []
      : [
          "",
          ...formatTable(
            noise
              .slice(0, SHOWN)
              .map((pair) => [
                `  ${pair.label}`,
                pair.suggested,
                count(pair.rows),
                count(Math.round(pair.estimatedRows)),
              ]),
            ["  label", multiLabel ? "should be" : "seems to be", "suspects", "estimated"],
          ),
          "",
          ...formatTable(
            suspects
              .slice(0, SHOWN)
              .map((one) => [
                `  ${one.id}`,
                one.label,
                ...(one.given === undefined ? [] : [one.given]),
                one.suggested,
                one.margin.toFixed(3),
              ]),
            ["  id", "label", ...(multiLabel ? ["given"] : []), "suggested", "margin"],
          ),
          ...(more > 0 ? [`  and ${count(more)} more`] : []),
          "",
          "Look through them, correct the labels in your input, then embed and train again.",
        ]),
  ];
}
