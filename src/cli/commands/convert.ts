import { type Command, Option } from "commander";
import type { ConvertOptions, ConvertResult } from "../../pipeline/types.js";
import { MODALITIES } from "../../pipeline/yaml/choices.js";
import { EXIT } from "../exit-code.js";
import { addExamples, addJsonFlag, type JsonFlag } from "../flags.js";
import { count, counted, duration } from "../format-number.js";
import { formatFacts } from "../format-table.js";
import { collectText } from "../parse-value.js";
import { runCommand } from "../run-command.js";
import { shellQuote } from "../shell-quote.js";
import { stdoutTwice } from "../stdout-twice.js";

type Flags = Omit<ConvertOptions, "input" | "onProgress" | "signal" | "stdin" | "stdout"> & JsonFlag;

/** `headstart convert`: embeddings in another format, and vectors that others wrote as embeddings. */
export function addConvertCommand(program: Command): void {
  const command = program
    .command("convert")
    .description("write embeddings as Parquet, NumPy or an Arrow stream, or take vectors from such files")
    .argument("<input>", "embeddings or vectors (.arrow, .arrows, .parquet, .npy), or - for stdin")
    .requiredOption("-o, --out <file>", ".arrow, .arrows, .parquet, .npy, or - (an Arrow stream on stdout)")
    .option("--rows <file>", "for .npy: where ids and labels go, .csv or .jsonl (default: beside it)")
    .option("--embedding <column>", "of others' tables: column with the vectors (default: the only one)")
    .option("--id <column>", "of others' tables: column with a unique id (default: by its name)")
    .option(
      "--label <column>",
      'of others\' tables: column with the label, "" for none (default: by its name)',
    )
    .option("--split <column>", "of others' tables: column that says train or test (default: by its name)")
    .option("--keep <column>", "of others' tables: a column that goes along; may be repeated", collectText)
    .option("--ids <file>", "of a .npy: the table with ids and labels, a row a vector, in the same order")
    .option("--backbone <id>", "of others' vectors: the backbone that made them, to embed new input with")
    .option("--origin <words>", "of others' vectors: what made them, where that does not run here")
    .addOption(
      new Option("--modality <kind>", "of others' vectors: what they were made from").choices(MODALITIES),
    );
  addJsonFlag(command);
  addExamples(command, [
    "headstart convert reviews.arrow -o reviews.parquet",
    "headstart convert vectors.npy --ids rows.csv --origin my-encoder -o vectors.arrow",
    "headstart convert openai.parquet --embedding embedding --label topic -o topics.arrow",
    "cat reviews.arrows | headstart convert - -o reviews.arrow",
  ]);
  command.action((input: string, { json, ...flags }: Flags) =>
    runCommand(json, async ({ control: { onProgress, signal } }) => {
      if (flags.out === "-" && json === true) throw stdoutTwice();
      const { convert } = await import("../../pipeline/convert/convert.js");
      const result = await convert({ input, ...flags, onProgress, signal });
      const lines = convertSummary(result);
      const notes = convertNotes(result);
      const exitCode = result.rejects > 0 ? EXIT.rejected : EXIT.done;
      if (result.out === "-") return { result, summary: [], notes: [...notes, ...lines], exitCode };
      return { result, summary: lines, notes, ...nextStep(result), exitCode };
    }),
  );
}

function convertSummary(result: ConvertResult): string[] {
  return [
    result.out === "-" ? "stdout" : result.out,
    ...formatFacts([
      ["rows", `${count(result.rows)} of ${result.dim} dimensions, ${result.store}`],
      ["beside it", result.files.length > 1 ? result.files.slice(1).join(", ") : null],
      [
        "rejected",
        result.rejectsFile === null ? null : `${count(result.rejects)}, listed in ${result.rejectsFile}`,
      ],
      ["backbone", result.backbone],
      ["fingerprint", result.fingerprint],
      ["time", duration(result.seconds)],
    ]),
  ];
}

function convertNotes(result: ConvertResult): string[] {
  const rejected =
    result.rejects > 0 ? [`warning: ${counted(result.rejects, "row")} rejected, and left out`] : [];
  return [...result.guesses.map((guess) => `guessed: ${guess}`), ...rejected];
}

function nextStep({ out }: ConvertResult): { next?: string } {
  return out.endsWith(".arrow") ? { next: `headstart inspect ${shellQuote(out)}` } : {};
}
