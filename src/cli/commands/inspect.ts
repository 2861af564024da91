import type { Command } from "commander";
import type { InspectResult } from "../../pipeline/types.js";
import { addExamples, addJsonFlag, type JsonFlag } from "../flags.js";
import { bytes, count } from "../format-number.js";
import { formatFacts } from "../format-table.js";
import { runCommand } from "../run-command.js";
import { sampleText } from "../sample-text.js";
import { shellQuote } from "../shell-quote.js";
import { portText } from "./export.js";
import { emptyRows } from "./label-set-lines.js";
import { classList } from "./train.js";

/** `headstart inspect`: what a file is and holds. */
export function addInspectCommand(program: Command): void {
  const command = program
    .command("inspect")
    .description("tell what an embeddings file, a head or an exported classifier holds")
    .argument("<file>", "embeddings (.arrow, .arrows, or - for stdin), a head or a classifier (.onnx)");
  addJsonFlag(command);
  addExamples(command, ["headstart inspect reviews.arrow", "headstart inspect reviews.head.onnx --json"]);
  command.action((file: string, { json }: JsonFlag) =>
    runCommand(json, async () => {
      const { inspect } = await import("../../pipeline/inspect.js");
      const result = await inspect(file);
      const path = shellQuote(result.path);
      const next =
        result.kind === "head"
          ? `headstart predict ${path} <new input>`
          : `headstart train ${path} -o head.onnx`;
      const summary = inspectSummary(result);
      return result.kind === "classifier" ? { result, summary } : { result, summary, next };
    }),
  );
}

function inspectSummary(result: InspectResult): string[] {
  if (result.kind === "embeddings") {
    return [
      `${result.path}: embeddings, ${bytes(result.bytes)}`,
      ...formatFacts([
        [
          "rows",
          `${count(result.rows)} of ${result.dim} dimensions${result.store === "fp16" ? ", stored as float16" : ""}`,
        ],
        ["labels", result.labels.length > 0 ? classList(result.labels) : "none"],
        ["no label", result.multiLabel ? emptyRows(result.multiLabel) : null],
        ["unlabelled", result.unlabelled > 0 && result.labels.length > 0 ? count(result.unlabelled) : null],
        ["splits", result.splits.length > 0 ? classList(result.splits) : "none"],
        ["shard", result.shard && shardLine(result.shard)],
        ["kept", result.kept.length > 0 ? keptList(result.kept) : null],
        ["data", result.dataset],
        ["created", result.created],
        ...objectFacts("backbone", result.backbone),
        ["fingerprint", result.fingerprint],
      ]),
    ];
  }
  if (result.kind === "classifier") {
    const { sample, ...fed } = result.classifier;
    return [
      `${result.path}: classifier (a head fused with its backbone), ${bytes(result.bytes)}`,
      ...formatFacts([
        ["inputs", result.inputs.map(portText).join("; ")],
        ["outputs", result.outputs.map(portText).join("; ")],
        ...objectFacts("", fed),
        ["tokenizer", result.tokenizer ? "in the file's metadata" : null],
        ...objectFacts("head", result.head),
        ...objectFacts("backbone", result.backbone ?? {}),
        ["fingerprint", result.fingerprint],
      ]),
    ];
  }
  return [
    `${result.path}: head, ${bytes(result.bytes)}`,
    ...formatFacts([
      ...objectFacts("", result.head),
      ...objectFacts("backbone", result.backbone ?? {}),
      ["fingerprint", result.fingerprint],
      ["sample", sampleText(result.sample)],
    ]),
  ];
}

/** `2 of 3, of 1,200 input rows`. */
function shardLine({
  index,
  count: shards,
  rows,
}: {
  readonly index: number;
  readonly count: number;
  readonly rows: number;
}): string {
  return `${index} of ${shards}, of ${count(rows)} input rows`;
}

/** Kept columns by name, with the type of those that are no text. */
export function keptList(kept: readonly { readonly name: string; readonly type: string }[]): string {
  return kept.map(({ name, type }) => (type === "utf8" ? name : `${name} (${type})`)).join(", ");
}

/** The fields of a stored JSON object, a line each; long ones are cut. */
function objectFacts(prefix: string, fields: Readonly<Record<string, unknown>>): [string, string][] {
  return Object.entries(fields).map(([name, value]) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return [`${prefix} ${name}`.trim(), text.length > 80 ? `${text.slice(0, 77)}...` : text];
  });
}
