import { type Command, Option } from "commander";
import type { Prediction, PredictOptions, PredictResult } from "../../pipeline/types.js";
import { EXIT } from "../exit-code.js";
import { addComputeFlags, addExamples, addInputFlags, addJsonFlag, type JsonFlag } from "../flags.js";
import { count, counted, duration } from "../format-number.js";
import { formatFacts } from "../format-table.js";
import { probability } from "../parse-value.js";
import { runCommand } from "../run-command.js";
import { classList } from "./train.js";

type Flags = Omit<PredictOptions, "head" | "input" | "onProgress" | "signal" | "onRow"> & JsonFlag;

/** What `predict --json` prints: the result, and the rows themselves where no file was asked for. */
export type PredictDocument = PredictResult & { readonly predictions?: readonly Prediction[] };

/** `headstart predict`: answers for raw input or for embeddings. */
export function addPredictCommand(program: Command): void {
  const command = program
    .command("predict")
    .description("answer for new input; raw input is embedded first, with the head's own backbone")
    .argument("<head>", "trained head (.onnx)")
    .argument("<input>", "embeddings (.arrow), a file, a folder of images, or - for stdin")
    .option("-o, --out <file>", ".jsonl, .csv or .arrow; without it JSONL rows go to stdout")
    .option("--scores", "add the score of every class")
    .addOption(
      new Option("--abstain-below <p>", "no answer for rows whose answer is less probable").argParser(
        probability,
      ),
    )
    .option(
      "--backbone <id>",
      "the head's backbone, where it is not where the head remembers it: embedded, a folder or a Hub id",
    );
  addJsonFlag(addComputeFlags(addInputFlags(command)));
  addExamples(command, [
    "headstart predict reviews.head.onnx new-reviews.csv --text review -o answers.csv",
    "headstart predict mail.onnx new-mail.csv -o answers.csv --abstain-below 0.8",
    "headstart predict photos.head.onnx photos/ | head -3",
    "echo 'what a film' | headstart predict reviews.head.onnx - --format text --scores",
  ]);
  command.action((head: string, input: string, { json, ...flags }: Flags) =>
    runCommand(json, async ({ control }) => {
      const { predict } = await import("../../pipeline/predict.js");
      const collected: Prediction[] = [];
      const print = (row: Prediction): void => void process.stdout.write(`${JSON.stringify(row)}\n`);
      const collect = (row: Prediction): void => void collected.push(row);
      const onRow = flags.out !== undefined ? {} : { onRow: json ? collect : print };
      const result = await predict({ head, input, ...flags, ...control, ...onRow });
      const document: PredictDocument =
        flags.out === undefined ? { ...result, predictions: collected } : result;
      return {
        result: document,
        summary: result.out === null ? [] : predictSummary(result),
        notes: predictNotes(result),
        exitCode: result.rejects > 0 ? EXIT.rejected : EXIT.done,
      };
    }),
  );
}

function predictSummary(result: PredictResult): string[] {
  return [
    result.out ?? "",
    ...formatFacts([
      ["rows", count(result.rows)],
      ["called", classList(result.classes)],
      ["no label", result.withoutLabel ? count(result.withoutLabel) : null],
      ["no answer", result.abstained > 0 ? `${count(result.abstained)}, below --abstain-below` : null],
      ["time", duration(result.seconds.total)],
    ]),
  ];
}

function predictNotes(result: PredictResult): string[] {
  const notes = result.guesses.map((guess) => `guessed: ${guess}`);
  if (result.rejects > 0) {
    const where = result.rejectsFile === null ? "" : `, listed in ${result.rejectsFile}`;
    notes.push(`warning: ${counted(result.rejects, "row")} rejected${where}`);
  }
  return notes;
}
