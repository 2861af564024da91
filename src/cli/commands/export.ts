import type { Command } from "commander";
import { HeadstartError } from "../../core/errors.js";
import type { ExportOptions, ExportResult } from "../../pipeline/export/export-head.js";
import type { GraphPort } from "../../pipeline/types.js";
import { addExamples, addJsonFlag, type JsonFlag } from "../flags.js";
import { bytes, count, duration } from "../format-number.js";
import { formatFacts } from "../format-table.js";
import { runCommand } from "../run-command.js";
import { sampleText } from "../sample-text.js";
import { shellQuote } from "../shell-quote.js";

type Flags = Pick<ExportOptions, "out" | "backbone" | "check" | "text" | "image" | "audio"> & {
  readonly fuse?: boolean;
} & JsonFlag;

/** `headstart export`: a head and its backbone as one file. */
export function addExportCommand(program: Command): void {
  const command = program
    .command("export")
    .description("join a head to its backbone: one ONNX file that runs with nothing but ONNX Runtime")
    .argument("<head>", "trained head (.onnx)")
    .requiredOption("-o, --out <file>", "the file to write (.onnx)")
    .option("--fuse", "put the backbone into the file (the only form there is: a head alone is ONNX already)")
    .option("--backbone <folder>", "where the backbone lies, if it is not where the head remembers it");
  command
    .option(
      "--check <input>",
      "try the file on this input's first 200 rows too, and keep it only if it answers alike",
    )
    .option("--text <column>", "of --check: column with the text (default: guessed where only one fits)")
    .option("--image <column>", "of --check: column with images: paths or bytes")
    .option("--audio <column>", "of --check: column with sounds: paths or bytes");
  addJsonFlag(command);
  addExamples(command, [
    "headstart export reviews.head.onnx --fuse -o reviews.classifier.onnx",
    "headstart export reviews.head.onnx --fuse -o reviews.classifier.onnx --check reviews.csv",
    "headstart inspect reviews.classifier.onnx",
  ]);
  command.action((head: string, { json, fuse, ...flags }: Flags) =>
    runCommand(json, async ({ control }) => {
      if (fuse !== true) throw nothingToDo(head);
      const { exportHead } = await import("../../pipeline/export/export-head.js");
      const result = await exportHead({ head, ...flags, ...control });
      const next = `headstart inspect ${shellQuote(result.out)}`;
      return { result, summary: exportSummary(result), next };
    }),
  );
}

function nothingToDo(head: string): HeadstartError {
  return new HeadstartError("usage", "A head alone needs no export: its file is ONNX already", {
    facts: { head },
    hint: "Copy the file as it is; or put its backbone into it: --fuse",
  });
}

function exportSummary(result: ExportResult): string[] {
  const { dataFile, sample, headSample, check, seconds } = result;
  return [
    `${result.out}${dataFile === null ? "" : ` and ${dataFile}`}: classifier, ${bytes(result.bytes)}`,
    ...formatFacts([
      ["head", result.head],
      ["backbone", `${result.backbone}${result.license === null ? "" : `, ${result.license}`}`],
      ["inputs", result.inputs.map(portText).join("; ")],
      ["outputs", result.outputs.map(portText).join("; ")],
      ["opset", String(result.opset)],
      ["checked", headSample && `the head alone: ${sampleText(headSample)}`],
      [
        "checked",
        `${sample.rows} sample rows, largest difference ${sample.largestDifference.toExponential(1)}`,
      ],
      [
        "checked",
        check &&
          `${count(check.rows)} rows of ${check.input}, largest difference ${check.largestDifference.toExponential(1)}` +
            (check.unreadable > 0 ? ` (${count(check.unreadable)} unreadable, passed over)` : ""),
      ],
      ["time", duration(seconds.load + seconds.fuse + seconds.verify)],
    ]),
  ];
}

/** `input_ids int64 [batch, tokens]`. */
export function portText({ name, dtype, shape }: GraphPort): string {
  return `${name} ${dtype} [${shape?.join(", ") ?? "?"}]`;
}
