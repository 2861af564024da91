import { type Command, Option } from "commander";
import type { MergeOptions, MergeResult } from "../../pipeline/types.js";
import { EXIT } from "../exit-code.js";
import { addExamples, addJsonFlag, type JsonFlag } from "../flags.js";
import { count, duration } from "../format-number.js";
import { formatFacts } from "../format-table.js";
import { runCommand } from "../run-command.js";
import { shellQuote } from "../shell-quote.js";

type Flags = Pick<MergeOptions, "out" | "onDuplicate"> & JsonFlag;

/** `headstart merge`: shards, or other embeddings files, into one. */
export function addMergeCommand(program: Command): void {
  const command = program
    .command("merge")
    .description("make one embeddings file of shards, in the input's order, or of several files")
    .argument("<files...>", "embeddings files (.arrow): all shards of one input, or files of one backbone")
    .requiredOption("-o, --out <file>", "embeddings file to write (.arrow)")
    .addOption(
      new Option(
        "--on-duplicate <what>",
        "of files that are no shards, for an id that came before (default: fail)",
      ).choices(["fail", "first"]),
    );
  addJsonFlag(command);
  addExamples(command, [
    "headstart embed reviews.csv --shard 1/2 -o reviews.1.arrow",
    "headstart embed reviews.csv --shard 2/2 -o reviews.2.arrow",
    "headstart merge reviews.1.arrow reviews.2.arrow -o reviews.arrow",
  ]);
  command.action((inputs: readonly string[], { json, ...flags }: Flags) =>
    runCommand(json, async ({ control }) => {
      const { merge } = await import("../../pipeline/merge.js");
      const result = await merge({ inputs, ...flags, ...control });
      return {
        result,
        summary: mergeSummary(result),
        next: `headstart inspect ${shellQuote(result.out)}`,
        exitCode: result.rejects > 0 ? EXIT.rejected : EXIT.done,
      };
    }),
  );
}

function mergeSummary(result: MergeResult): string[] {
  return [
    result.out,
    ...formatFacts([
      ["rows", `${count(result.rows)} of ${result.dim} dimensions`],
      ["rejected", result.rejects > 0 ? `${count(result.rejects)}, listed in ${result.rejectsFile}` : null],
      ["left out", result.duplicates > 0 ? `${count(result.duplicates)}, as their ids came before` : null],
      [
        "files",
        `${count(result.files)}${result.sharded ? " shards, in the order of their input" : ", one after the other"}`,
      ],
      ["fingerprint", result.fingerprint],
      ["time", duration(result.seconds)],
    ]),
  ];
}
