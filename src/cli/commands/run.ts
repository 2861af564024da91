import type { Command } from "commander";
import { Option } from "commander";
import type { PipelineEvaluation, PipelineResult } from "../../pipeline/run-pipeline.js";
import { EXIT } from "../exit-code.js";
import { addExamples, addJsonFlag, type JsonFlag } from "../flags.js";
import { count, duration, percent, percentWithInterval } from "../format-number.js";
import { formatTable } from "../format-table.js";
import { runCommand } from "../run-command.js";
import { shellQuote } from "../shell-quote.js";
import { embedNotes, embedSummary } from "./embed.js";
import { evaluateNotes } from "./evaluate.js";

interface Flags extends JsonFlag {
  readonly onError?: "reject" | "fail";
  readonly restart?: boolean;
  readonly cache?: boolean;
}

/** `headstart run`: a whole pipeline, from data to figures. */
export function addRunCommand(program: Command): void {
  const command = program
    .command("run")
    .description("run a pipeline: data, backbone, embeddings, heads or a search for one, evaluation")
    .argument("<pipeline>", "YAML file; its paths are relative to the folder you are in")
    .addOption(new Option("--on-error <what>", "for a bad row (default: reject)").choices(["reject", "fail"]))
    .option("--restart", "throw away what an interrupted run left, and start again")
    .option("--cache", "take vectors that were computed before from the cache (default)")
    .option("--no-cache", "embed everything, and keep no vector for later runs");
  addJsonFlag(command);
  addExamples(command, ["headstart run pipelines/spam.yaml", "headstart run pipelines/images.yaml --json"]);
  command.action((path: string, { json, ...flags }: Flags) =>
    runCommand(json, async ({ control, note }) => {
      const { loadPipeline } = await import("../../pipeline/yaml/load-pipeline.js");
      const { planPipeline } = await import("../../pipeline/yaml/plan-pipeline.js");
      const plan = planPipeline(await loadPipeline(path));
      const { runPipeline } = await import("../../pipeline/run-pipeline.js");
      const result = await runPipeline(plan, { ...flags, ...control, onStep: note });
      const first = result.heads[0]?.train.out ?? result.search?.result.out;
      return {
        result,
        summary: runSummary(result),
        notes: runNotes(result),
        ...(first ? { next: `headstart predict ${shellQuote(first)} <new input>` } : {}),
        exitCode: result.rejects > 0 ? EXIT.rejected : EXIT.done,
      };
    }),
  );
}

/** The embeddings, then a line for each head and each set of rows that it was measured on. */
function runSummary(result: PipelineResult): string[] {
  const rows = result.heads.flatMap(({ train, evaluations }) => {
    const name = train.head;
    const cv = train.metrics
      ? [
          [
            name,
            `${train.cv?.folds}-fold cv`,
            count(train.rows),
            ...figures(train.metrics),
            duration(train.seconds.fit),
          ],
        ]
      : [[name, "trained only", count(train.rows), "", "", duration(train.seconds.fit)]];
    return [...cv, ...evaluationRows(evaluations)];
  });
  if (result.search !== null) rows.push(...searchRows(result.search));
  return [
    ...embedSummary(result.embeddings),
    "",
    ...formatTable(rows, ["head", "measured on", "rows", "accuracy (95%)", "floor", "fit"]),
    "",
    ...[...result.heads.map(({ train }) => train.out), result.search?.result.out ?? null].flatMap((out) =>
      out === null ? [] : [`saved ${out}`],
    ),
    `done in ${duration(result.seconds)}`,
  ];
}

/** The winner, by its honest figure where the search was nested, then how it does elsewhere. */
function searchRows({ result, evaluations }: NonNullable<PipelineResult["search"]>): string[][] {
  const { best, nested, folds, candidates } = result;
  const how =
    nested === null ? `best of ${candidates.length}, ${folds}-fold cv` : `nested, ${nested.folds} folds`;
  return [
    [best.head, how, count(result.rows), ...figures(result.metrics), duration(result.seconds.fit)],
    ...evaluationRows(evaluations),
  ];
}

function evaluationRows(evaluations: readonly PipelineEvaluation[]): string[][] {
  return evaluations.map(({ on, result: { split, rows, metrics } }) => [
    "",
    split === null ? on : `${on}, ${split}`,
    count(rows),
    ...figures(metrics),
    "",
  ]);
}

function figures(
  metrics: NonNullable<PipelineResult["heads"][number]["train"]["metrics"]>,
): [string, string] {
  return [percentWithInterval(metrics.accuracy), percent(metrics.floor)];
}

function runNotes(result: PipelineResult): string[] {
  const notes = [result.embeddings, ...result.further.map(({ embeddings }) => embeddings)].flatMap(
    embedNotes,
  );
  for (const { train, evaluations } of result.heads) {
    notes.push(...train.warnings.map((warning) => `warning: ${train.head}: ${warning}`));
    notes.push(...evaluations.flatMap((evaluation) => evaluateNotes(evaluation.result)));
  }
  if (result.search !== null) {
    const { result: found, evaluations } = result.search;
    notes.push(...found.warnings.map((warning) => `warning: search: ${warning}`));
    notes.push(...evaluations.flatMap((evaluation) => evaluateNotes(evaluation.result)));
  }
  return notes;
}
