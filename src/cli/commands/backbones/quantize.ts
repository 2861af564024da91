import { relative } from "node:path";
import { type Command, Option } from "commander";
import type { QuantizeOptions, QuantizeResult } from "../../../pipeline/types/quantize-types.js";
import { addExamples, addJsonFlag, type JsonFlag, threadsOption } from "../../flags.js";
import { bytes, counted, percent } from "../../format-number.js";
import { formatFacts } from "../../format-table.js";
import { runCommand } from "../../run-command.js";
import { shellQuote } from "../../shell-quote.js";
import { ANY_ID_ARGUMENT, addRevisionFlag } from "./flags.js";

interface Flags extends Omit<QuantizeOptions, "weightBits">, JsonFlag {
  readonly weightBits?: "7" | "8";
}

/** `headstart backbones quantize`: a smaller, faster form of one, and what it costs. */
export function addQuantizeCommand(backbones: Command): void {
  const command = backbones
    .command("quantize")
    .description("make an int8 variant of a text backbone, and measure its speed and what it loses")
    .argument("<id>", ANY_ID_ARGUMENT)
    .option("-o, --out <folder>", "where the variant goes (default: models/<id>-int8)")
    .option("--calibrate <input>", "texts like those to be embedded (default: our sample)")
    .option("--probe <input>", "labelled texts: measure what a linear head loses on them")
    .option("--text <column>", "column with the text (default: guessed where only one fits)")
    .option("--label <column>", "column with the label, for --probe (default: by its name)")
    .addOption(
      new Option(
        "--weight-bits <bits>",
        "7: the same vectors on every processor; 8: closer to fp32, for processors with VNNI (default: 7)",
      ).choices(["7", "8"]),
    )
    .addOption(threadsOption());
  addRevisionFlag(command);
  addJsonFlag(command);
  addExamples(command, [
    "headstart backbones quantize use-lite",
    "headstart backbones quantize ./my-bert --calibrate reviews.csv --probe reviews.csv --label stars",
    "headstart backbones quantize Xenova/bert-base-uncased -o ./bert-int8",
  ]);
  command.action((id: string, { json, weightBits, ...flags }: Flags) =>
    runCommand(json, async ({ control }) => {
      const { quantizeBackbone } = await import("../../../pipeline/backbones/backbones-quantize.js");
      const bits =
        weightBits === undefined ? {} : { weightBits: weightBits === "8" ? (8 as const) : (7 as const) };
      const result = await quantizeBackbone(id, { ...flags, ...bits, ...control });
      const folder = shellQuote(shortest(result.folder));
      return {
        result,
        summary: summaryOf(result),
        notes: result.warnings,
        next: `headstart embed <input> --backbone ${folder} --precision int8 -o x.arrow`,
      };
    }),
  );
}

function summaryOf(result: QuantizeResult): string[] {
  const { source, weights, measured, probe, layers, calibration, folder } = result;
  return [
    `${source.id}: int8 variant in ${shortest(folder)}`,
    ...formatFacts([
      ["size", `${bytes(weights.bytes)}, fp32 ${bytes(source.bytes)}`],
      [
        "layers",
        `${layers.quantized} in int8, outliers of ${counted(layers.migrated, "input")} moved into weights`,
      ],
      ["calibrated", `on ${counted(calibration.rows, "text")} of ${calibration.input}`],
      [
        "cosine to fp32",
        `${measured.cosineMean.toFixed(4)} on average, ${measured.cosineMin.toFixed(4)} at the worst, ${counted(measured.rows, "other text")}`,
      ],
      ["neighbours", influence(measured.neighbourInfluence)],
      [
        "speed",
        `${measured.speedRatio.toFixed(2)} times fp32's (by processor time ${measured.processorRatio.toFixed(2)}), ${counted(measured.threads, "thread")}`,
      ],
      ["a linear head", probe === null ? "not probed; --probe <labelled input> does" : loss(probe)],
    ]),
  ];
}

function influence(share: number): string {
  if (share === 0) return "a vector is the same alone and in a batch, bit for bit";
  return `change a vector by ${share.toExponential(1)} of its length`;
}

function loss({ accuracy, difference, rows, folds }: NonNullable<QuantizeResult["probe"]>): string {
  const points = (share: number): string => `${share > 0 ? "+" : ""}${(100 * share).toFixed(1)}`;
  return (
    `${percent(accuracy.int8)}, on fp32 ${percent(accuracy.fp32)}: ${points(difference.value)} points ` +
    `(${points(difference.low)} to ${points(difference.high)}), ${counted(rows, "row")}, ${folds} folds`
  );
}

/** A folder as one would type it here. */
function shortest(folder: string): string {
  const path = relative(process.cwd(), folder);
  return path === "" || path.startsWith("..") ? folder : `./${path}`;
}
