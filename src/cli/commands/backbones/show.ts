import type { Command } from "commander";
import type { BackboneSpec } from "../../../backbones/backbone.js";
import type { Tap } from "../../../backbones/tappable.js";
import type { ShownBackbone } from "../../../pipeline/backbones/backbones.js";
import { addExamples, addJsonFlag, type JsonFlag } from "../../flags.js";
import { bytes, count } from "../../format-number.js";
import { formatFacts, formatTable } from "../../format-table.js";
import { runCommand } from "../../run-command.js";
import { shellQuote } from "../../shell-quote.js";
import {
  ANY_ID_ARGUMENT,
  addModalityFlag,
  addPrecisionFlag,
  addRevisionFlag,
  type WhichFlags,
} from "./flags.js";

/** `headstart backbones show`: all that is known of one. */
export function addShowCommand(backbones: Command): void {
  const command = backbones
    .command("show")
    .description("tell everything about one; a Hub id is downloaded where it is not here")
    .argument("<id>", ANY_ID_ARGUMENT);
  addModalityFlag(addPrecisionFlag(addRevisionFlag(command)));
  addJsonFlag(command);
  addExamples(command, ["headstart backbones show use-lite", "headstart backbones show ./my-bert --json"]);
  command.action((id: string, { json, ...which }: WhichFlags & JsonFlag) =>
    runCommand(json, async ({ control: { onProgress, signal } }) => {
      const { showBackbone } = await import("../../../pipeline/backbones/backbones.js");
      const result = await showBackbone(id, { ...which, onProgress, signal });
      const { spec } = result;
      const facts = formatFacts([
        ["for", sides(result)],
        ["dimensions", result.dim],
        ["pooling", pooling(spec)],
        ["reads", tokens(result)],
        ["prompt", prompt(spec)],
        ["precision", spec.precision],
        ["parameters", result.parameters === null ? null : count(result.parameters)],
        ["size", result.bytes === null ? "not built" : bytes(result.bytes)],
        ["licence", result.license],
        ["source", result.source],
        ["folder", result.folder],
        ["fingerprint", result.fingerprint],
      ]);
      const notes = result.notes.map((text) => `  ${text}`);
      return {
        result,
        summary: [
          result.id,
          ...facts,
          ...(notes.length > 0 ? ["", ...notes] : []),
          ...layersOf(result.taps ?? []),
        ],
        next: `headstart embed <input> --backbone ${shellQuote(result.id)}${flagsOf(which)} -o x.arrow`,
      };
    }),
  );
}

function pooling({ pooling, layer, normalize }: BackboneSpec): string {
  const how = pooling === "none" ? `none, '${layer}' is one vector already` : `${pooling} of '${layer}'`;
  return `${how}${normalize ? ", normalised" : ""}`;
}

/** What it reads, and how its other sides are asked for. */
function sides({ modality, sides: all }: ShownBackbone): string {
  const others = all.filter((side) => side !== modality).map((side) => `--modality ${side}`);
  return others.length === 0 ? modality : `${modality}; its other side by ${others.join(", ")}`;
}

function tokens({ tokens: limits }: ShownBackbone): string | null {
  if (limits === null) return null;
  const { usual, most } = limits;
  const more = most > usual ? `; ${count(most)} by --max-tokens` : "";
  return `at most ${count(usual)} tokens of a text${more}`;
}

/** What was asked for, to ask for it again. */
function flagsOf({ revision, precision, modality }: WhichFlags): string {
  const given = Object.entries({ revision, precision, modality });
  return given
    .map(([name, value]) => (value === undefined ? "" : ` --${name} ${shellQuote(value)}`))
    .join("");
}

/** The words that are put before each text unless others are asked for. */
function prompt({ preprocessing }: BackboneSpec): string | null {
  const words = preprocessing.prompt;
  return typeof words === "string" && words !== "" ? `'${words}' before each text` : null;
}

/** What `--layer` takes: a block by its number, anything by its name. */
function layersOf(taps: readonly Tap[]): string[] {
  if (taps.length === 0) return [];
  const rows = taps.map(({ block, name, shape }) => [
    block === null ? "" : `${block}`,
    name,
    `[${shape.join(", ")}]`,
  ]);
  return [
    "",
    "What --layer takes:",
    ...formatTable(rows, ["block", "name", "shape"]).map((line) => `  ${line}`),
  ];
}
