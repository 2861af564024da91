import { type Command, Option } from "commander";
import { DEVICES, ENCODINGS, FORMATS } from "../pipeline/yaml/choices.js";
import { collectText, shareBelowOne, wholeNumber } from "./parse-value.js";

/** Every command has it. */
export interface JsonFlag {
  readonly json?: boolean;
}

/** `--json`: one document on stdout and nothing else there. */
export function addJsonFlag(command: Command): Command {
  return command.option("--json", "print one JSON document on stdout, and nothing else there");
}

/** The flags of `InputOptions`. */
export function addInputFlags(command: Command): Command {
  return command
    .addOption(
      new Option("--format <format>", "how the input is read (default: by its name)").choices(FORMATS),
    )
    .option("--text <column>", "column with the text (default: guessed where only one fits)")
    .option("--image <column>", "column with images: paths or bytes")
    .option("--audio <column>", "column with sounds: paths or bytes")
    .option("--label <column>", 'column with the label, "" for none (default: by its name)')
    .option(
      "--multi-label [separator]",
      "several labels a row: lists, or texts joined by the separator, such as '|'",
    )
    .option(
      "--id <column>",
      'column with a unique id, "" for none (default: by its name, else source and position)',
    )
    .option("--split <column>", 'column that says train or test, "" for none (default: by its name)')
    .addOption(new Option("--encoding <encoding>", "of text files (default: utf-8)").choices(ENCODINGS))
    .option("--table <name>", "table of a SQLite or DuckDB file (default: its only one)")
    .option(
      "--where <condition>",
      "only rows that meet it, such as 'stars >= 4'; may be repeated",
      collectText,
    )
    .addOption(new Option("--limit <n>", "at most so many rows, the first ones").argParser(wholeNumber(1)))
    .addOption(
      new Option(
        "--sample <share>",
        "a share of the rows, such as 0.1: the same ones at every run",
      ).argParser(shareBelowOne),
    )
    .option("--fetch", "fetch what is named by http and https addresses")
    .option(
      "--fetch-host <host>",
      "with --fetch: also from this host of a private network; may be repeated",
      collectText,
    );
}

/** The flags of `ComputeOptions`. */
export function addComputeFlags(command: Command): Command {
  return command
    .addOption(new Option("--device <device>", "where the backbone runs (default: cpu)").choices(DEVICES))
    .addOption(threadsOption());
}

/** `--threads`, of `ComputeOptions`. */
export function threadsOption(): Option {
  return new Option("--threads <n>", "threads (default: the processors there are)").argParser(wholeNumber(1));
}

/** Examples under a command's `--help`. */
export function addExamples(command: Command, examples: readonly string[]): Command {
  const lines = examples.map((example) => `  $ ${example}`);
  return command.addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
}
