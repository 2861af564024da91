import { type Command, Option } from "commander";
import type { EmbedOptions, EmbedResult } from "../../pipeline/types.js";
import { MODALITIES, POOLINGS, PRECISIONS, RESIZES, STORES, TUNES } from "../../pipeline/yaml/choices.js";
import { EXIT } from "../exit-code.js";
import { addComputeFlags, addExamples, addInputFlags, addJsonFlag, type JsonFlag } from "../flags.js";
import { count, counted, duration, percent } from "../format-number.js";
import { formatFacts } from "../format-table.js";
import { byteSize, collectText, parseLayer, shardOf, wholeNumber } from "../parse-value.js";
import { runCommand } from "../run-command.js";
import { shellQuote } from "../shell-quote.js";
import { stdoutTwice } from "../stdout-twice.js";
import { keptList } from "./inspect.js";

type Flags = Omit<EmbedOptions, "input" | "onProgress" | "signal" | "mode" | "stdin" | "stdout"> &
  ModeFlags &
  JsonFlag;

interface ModeFlags {
  readonly append?: boolean;
  readonly update?: boolean;
  readonly retryRejects?: boolean;
}

/** `headstart embed`: raw input into an embeddings file. */
export function addEmbedCommand(program: Command): void {
  const command = program
    .command("embed")
    .description("turn text, images or sounds into vectors, in an Arrow file")
    .argument(
      "<input>",
      "a file, a pattern in quotes, a folder of images or sounds (folder name = class), or -",
    )
    .requiredOption(
      "-o, --out <file>",
      "embeddings file to write (.arrow), or - for an Arrow stream on stdout, which is not resumed",
    )
    .option("--backbone <id>", "use-lite, mobilenet-v2-mid, a folder or a Hub id (default: by the input)");
  addInputFlags(command)
    .addOption(
      new Option(
        "--modality <kind>",
        "which side of a backbone that has several (default: the input's)",
      ).choices(MODALITIES),
    )
    .option("--revision <name>", "branch, tag or commit of a Hub id (default: main)")
    .addOption(
      new Option("--precision <precision>", "which export of the weights (default: fp32)").choices(
        PRECISIONS,
      ),
    )
    .addOption(
      new Option(
        "--layer <layers>",
        "where the feature is taken: block numbers or names, by commas",
      ).argParser(parseLayer),
    )
    .addOption(
      new Option("--pooling <how>", "token states to one vector (default: the checkpoint's)").choices(
        POOLINGS,
      ),
    )
    .option("--normalize", "scale vectors to length 1 (default: the checkpoint's)")
    .option("--no-normalize", "leave their length as it is")
    .option("--prompt <prompt>", "before each text: a prompt of the checkpoint by name, or the words")
    .addOption(
      new Option(
        "--max-tokens <n>",
        "of a text, the rest is cut (default: the checkpoint's limit, but 8,192 at most)",
      ).argParser(wholeNumber(1)),
    )
    .addOption(new Option("--resize <how>", "of images: exact (default) or fast").choices(RESIZES))
    .option("--keep <column>", "a further column to keep in the file, as it is; may be repeated", collectText)
    .addOption(
      new Option("--shard <i/n>", "only every n-th row or so, by the hash of its id; see merge").argParser(
        shardOf,
      ),
    )
    .addOption(
      new Option("--store <type>", "of vectors: fp32 (default) or fp16, half the room").choices(STORES),
    )
    .addOption(new Option("--on-error <what>", "for a bad row (default: reject)").choices(["reject", "fail"]))
    .option("--restart", "throw away what an interrupted run left, and start again")
    .addOption(
      new Option(
        "--append",
        "add rows whose ids --out lacks at its end; equal rows are skipped, changed ones rejected",
      ).conflicts(["update", "retryRejects"]),
    )
    .addOption(
      new Option(
        "--update",
        "make --out equal the input; only contents that it lacks are embedded, rows gone are dropped",
      ).conflicts("retryRejects"),
    )
    .option("--retry-rejects", "embed the rows of <out>.rejects.jsonl again, and put them in their places")
    .option("--cache", "take vectors that were computed before from the cache (default)")
    .option("--no-cache", "embed everything, and keep no vector for later runs")
    .addOption(
      new Option("--cache-size <size>", "most that the cache may take (default: 5GB)").argParser(byteSize),
    );
  addJsonFlag(addBatchFlags(addComputeFlags(command)));
  addExamples(command, [
    "headstart embed reviews.csv -o reviews.arrow --text review --label stars",
    "headstart embed photos/ -o photos.arrow",
    "headstart embed new-reviews.csv -o reviews.arrow --text review --label stars --append",
    "cat lines.txt | headstart embed - --format text -o lines.arrow",
    "headstart embed new.csv -o - | headstart predict reviews.head.onnx -",
  ]);
  command.action((input: string, { json, append, update, retryRejects, ...flags }: Flags) =>
    runCommand(json, async ({ control }) => {
      if (flags.out === "-" && json === true) throw stdoutTwice();
      const { embed } = await import("../../pipeline/embed.js");
      const mode = append ? "append" : update ? "update" : retryRejects ? "retry-rejects" : undefined;
      const result = await embed({ input, ...flags, ...(mode && { mode }), ...control });
      if (result.out === "-") {
        const notes = [...embedNotes(result), ...embedSummary({ ...result, out: "stdout" }, flags)];
        return { result, summary: [], notes, exitCode: result.rejects > 0 ? EXIT.rejected : EXIT.done };
      }
      return {
        result,
        summary: embedSummary(result, flags),
        notes: embedNotes(result),
        next: nextStep(result, flags.label !== undefined),
        exitCode: result.rejects > 0 ? EXIT.rejected : EXIT.done,
      };
    }),
  );
}

/** How the work is cut; none of it changes a vector, but for rounding. */
function addBatchFlags(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--batch-tokens <n>",
        "most tokens in a batch of texts (default: 512; on accelerators 65,536)",
      ).argParser(wholeNumber(1)),
    )
    .addOption(
      new Option("--batch-images <n>", "images in a batch (default: 8; on accelerators 128)").argParser(
        wholeNumber(1),
      ),
    )
    .addOption(
      new Option(
        "--sessions <n>",
        "sessions that share the batches, of --threads each (default: on processors as many as fit, of one thread each)",
      ).argParser(wholeNumber(1)),
    )
    .addOption(
      new Option(
        "--tune <when>",
        "auto: time sessions, threads and batches on the first rows of a long run (default: off)",
      ).choices(TUNES),
    )
    .option("--profile [file]", "write where the time went (default: to <out>.profile.json)");
}

/** The lines that tell what was embedded. @param asked - what is told though it may be the default. */
export function embedSummary(result: EmbedResult, asked: Partial<Flags> = {}): string[] {
  return [
    result.out,
    ...formatFacts([
      ["rows", count(result.rows)],
      ["rejected", result.rejects > 0 ? `${count(result.rejects)}, listed in ${result.rejectsFile}` : null],
      [
        "cut short",
        result.truncated > 0 ? `${counted(result.truncated, "row")} longer than the backbone reads` : null,
      ],
      ["backbone", `${result.backbone}, ${result.dim}-d, on ${result.device}`],
      ["feature", feature(result, asked)],
      ["kept", result.kept.length > 0 ? keptList(result.kept) : null],
      ["stored", result.store === "fp16" ? "as float16" : null],
      ["shard", result.shard && `${result.shard.index} of ${result.shard.count}`],
      ["prompt", result.feature.prompt === null ? null : `'${result.feature.prompt}' before each text`],
      ["known", known(result)],
      ["target", result.target === null ? null : targetFate(result.target)],
      ["repeated", repeated(result)],
      ["speed", speed(result)],
      ["tuned", tuned(result, asked.tune === "auto")],
      ["stages", result.profile === null ? null : stages(result)],
      ["profile", result.profile],
      ["resumed", result.resumedAtRow === null ? null : `at row ${count(result.resumedAtRow)}`],
      ["time", `${duration(result.seconds.total)} (${count(Math.round(result.rowsPerSecond))} rows/s)`],
    ]),
  ];
}

/** What was not embedded because it had been already. */
function repeated({ encoding: { duplicates } }: EmbedResult): string | null {
  return duplicates > 0 ? `${counted(duplicates, "row")} whose content occurred just before` : null;
}

/** How fast the backbone was fed, and in what pieces. */
function speed({ encoding, device }: EmbedResult): string | null {
  const { contents, unit, amountPerSecond, paddingShare, batchBudget, halvings, threads, sessions } =
    encoding;
  if (contents === 0) return null;
  return [
    `${count(Math.round(amountPerSecond))} ${unit}/s`,
    unit === "images" ? null : `${percent(paddingShare)} padding`,
    `batches of ${count(batchBudget)} ${unit}${halvings > 0 ? " (as many as the memory holds)" : ""}`,
    sessions > 1 ? `${sessions} sessions` : null,
    device === "cpu" ? counted(threads, "thread") + (sessions > 1 ? " each" : "") : null,
  ]
    .filter((part) => part !== null)
    .join(", ");
}

/** What a calibration chose. @param wanted - whether one was asked for. */
function tuned(
  { encoding: { tuned: outcome, unit } }: Pick<EmbedResult, "encoding">,
  wanted: boolean,
): string | null {
  if (outcome === null)
    return wanted ? "nothing: settled by other flags, or too little could be timed" : null;
  const { chosen, speedup, candidates, seconds } = outcome;
  const setting = `${count(chosen.batch)} ${unit}, ${counted(chosen.sessions, "session")} of ${counted(chosen.threads, "thread")}`;
  const gain = speedup === 1 ? "the default" : `${speedup.toFixed(2)}x of the default`;
  return `${setting}: ${gain} (${candidates.length} tried in ${duration(seconds)})`;
}

function stages({ stages: seconds }: EmbedResult): string {
  return Object.entries(seconds)
    .map(([stage, spent]) => `${stage} ${duration(spent)}`)
    .join(", ");
}

/** How the vector came about, as far as it was asked for or is not what is usual. */
function feature(
  { feature: { layer, pooling, normalize, precision } }: EmbedResult,
  asked: Partial<Flags>,
): string | null {
  const told = [
    asked.layer !== undefined || asked.pooling !== undefined ? `${pooling} of '${layer}'` : null,
    asked.normalize === undefined ? null : normalize ? "normalised" : "not normalised",
    asked.precision !== undefined || precision !== "fp32" ? precision : null,
  ].filter((part) => part !== null);
  return told.length === 0 ? null : told.join(", ");
}

/** Where vectors came from that were not computed. */
function known({ known: { target, cache } }: EmbedResult): string | null {
  const told = [
    target > 0 ? `${counted(target, "content")} from the target` : null,
    cache > 0 ? `${counted(cache, "content")} from the cache` : null,
  ].filter((part) => part !== null);
  return told.length === 0 ? null : told.join(", ");
}

function targetFate(target: NonNullable<EmbedResult["target"]>): string {
  const { mode, kept, changed, added, dropped, passedOver } = target;
  const told = [
    `${counted(kept, "row")} kept`,
    changed > 0 ? `${count(changed)} changed` : null,
    `${count(added)} added`,
    dropped > 0 ? `${count(dropped)} dropped` : null,
    passedOver > 0
      ? `${count(passedOver)} ${mode === "append" ? "there already" : "new ones passed over"}`
      : null,
  ];
  return told.filter((part) => part !== null).join(", ");
}

/** What was guessed, for stderr. */
export function embedNotes(result: EmbedResult): string[] {
  const problem =
    result.cacheProblem === null
      ? []
      : [`warning: vectors were not kept in the cache: ${result.cacheProblem}`];
  return [...result.guesses.map((guess) => `guessed: ${guess}`), ...problem];
}

/** Training needs labels, which were named or guessed. */
function nextStep({ out, guesses, shard }: EmbedResult, labelNamed: boolean): string {
  if (shard !== null && shard.count > 1) return `headstart merge <all ${shard.count} shards> -o <file.arrow>`;
  const path = shellQuote(out);
  const labelled =
    labelNamed ||
    guesses.some((guess) => /^(?!prompt:).*\blabels?\b/.test(guess) && !/\bno label/.test(guess));
  const head = shellQuote(`${out.replace(/\.arrow$/, "")}.head.onnx`);
  return labelled ? `headstart train ${path} -o ${head}` : `headstart inspect ${path}`;
}
